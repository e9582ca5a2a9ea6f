import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openDump } from './open-dump.ts';

const STEP = 8 * 1024 * 1024;
const dumps = realDumps();

/** Where memory begins with a text; undefined where it is nowhere. Reads in pieces that overlap by the text. */
function find(path: string, text: string): number | undefined {
  const dump = openDump([path]);
  const { physical } = dump;
  const window = Buffer.alloc(STEP);
  const end = physical.endFrame * physical.pageSize;
  let found: number | undefined;
  for (let at = 0; at < end && found === undefined; at += STEP - text.length) {
    physical.read(at, window);
    const within = window.indexOf(text, 0, 'latin1');
    if (within >= 0) found = at + within;
  }
  dump.close();
  return found;
}

/** Frames that differ from what one read of their neighbourhood gives. */
function disagreements(path: string): number {
  const dump = openDump([path]);
  const { physical } = dump;
  const { pageSize, endFrame } = physical;
  const frames = STEP / pageSize;
  const window = Buffer.alloc(STEP);
  const zeros = Buffer.alloc(pageSize);
  let wrong = 0;
  for (let first = 0; first < endFrame; first += frames) {
    const gaps = physical.read(first * pageSize, window);
    const missing = gaps.reduce((sum, { length }) => sum + length, 0);
    let gone = 0;
    for (let i = 0; i < frames; i++) {
      const page = physical.page(first + i);
      if (page === undefined) gone += pageSize;
      if (window.compare(page ?? zeros, 0, pageSize, i * pageSize, (i + 1) * pageSize) !== 0) wrong++;
    }
    if (gone !== missing) wrong++;
  }
  dump.close();
  return wrong;
}

describe.skipIf(dumps.length === 0)(`real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('$name opens without a problem, and its notes and counts make sense', ({ path }) => {
    const dump = openDump([path]);
    const { present, zero, excluded, lost } = dump.physical.counts();
    expect(dump.problems).toEqual([]);
    expect(dump.machine).not.toBe('unknown');
    expect(dump.vmcoreinfo).toMatch(/^OSRELEASE=\d+\.\d+/);
    expect(lost).toBe(0);
    expect(present + zero).toBeGreaterThan(500);
    expect((present + zero + excluded) * dump.physical.pageSize).toBeGreaterThan(60 * 2 ** 20);
    expect(dump.cpus.length).toBeGreaterThan(0);
    dump.close();
  });

  it.each(dumps)('$name holds the banner of the kernel that VMCOREINFO names', ({ path }) => {
    const dump = openDump([path]);
    const release = /^OSRELEASE=(.*)$/m.exec(dump.vmcoreinfo ?? '')?.[1] ?? '';
    dump.close();
    expect(find(path, `Linux version ${release} (`)).toBeGreaterThan(0);
  });

  it.each(dumps)(
    '$name gives the same bytes page by page and in one read',
    ({ path }) => {
      expect(disagreements(path)).toBe(0);
    },
    60_000,
  );

  it('that lie in one folder in two containers have the same pages', () => {
    const folders = dumps.map(({ path }) => dirname(path));
    const pairs = folders.flatMap((folder) => {
      const names = readdirSync(folder);
      return names.includes('vmcore') && names.includes('vmcore.1')
        ? [[join(folder, 'vmcore'), join(folder, 'vmcore.1')] as const]
        : [];
    });
    for (const [one, other] of pairs) {
      const [a, b] = [openDump([one]), openDump([other])];
      const differing = Array.from({ length: a.physical.endFrame }, (_, frame) => frame).filter((frame) => {
        const page = a.physical.page(frame);
        const twin = b.physical.page(frame);
        return page && twin ? Buffer.compare(page, twin) !== 0 : page !== twin;
      });
      expect(differing).toEqual([]);
      a.close();
      b.close();
    }
  });
});
