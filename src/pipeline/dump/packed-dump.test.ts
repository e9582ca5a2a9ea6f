import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeBy } from '../../../testkit/dump/byte-sink.ts';
import { smallMachine } from '../../../testkit/dump/page-map.ts';
import { writeKdump } from '../../../testkit/dump/write-kdump.ts';
import { ROOT } from '../../../testkit/manifest.ts';
import { realDumps } from '../../../testkit/real-dumps.ts';
import { openDump } from '../../sources/vmcore/open-dump.ts';
import { CoreSession } from '../core/session.ts';
import { diagnose } from '../diagnose.ts';
import { DumpRoom, unpackDump } from './packed-dump.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-packed-'));
const scratch = join(folder, 'scratch');
const dump = realDumps().find(({ name }) => name === 'x86-64-slub')?.path ?? '';
const archive = join(folder, 'sos.tar.gz');

beforeAll(() => {
  const bytes = readFileSync(dump);
  writeFileSync(join(folder, 'vmcore.gz'), gzipSync(bytes, { level: 1 }));
  writeFileSync(join(folder, 'vmcore.zst'), zstdCompressSync(bytes));
  mkdirSync(join(folder, 'tree/sos/crash'), { recursive: true });
  cpSync(join(ROOT, 'fixtures/captures/page-allocator-leak/end'), join(folder, 'tree/sos/proc'), { recursive: true });
  cpSync(dump, join(folder, 'tree/sos/crash/first.dump'));
  execFileSync('tar', ['--sort=name', '-C', join(folder, 'tree'), '-czf', archive, 'sos']);
  mkdirSync(join(folder, 'tree/both/a'), { recursive: true });
  mkdirSync(join(folder, 'tree/both/b'));
  for (const place of ['sos/second.dump', 'both/a/vmcore', 'both/b/vmcore']) cpSync(dump, join(folder, 'tree', place));
  execFileSync('tar', ['--sort=name', '-C', join(folder, 'tree'), '-cf', join(folder, 'both.tar'), 'both']);
  execFileSync('tar', ['--sort=name', '-C', join(folder, 'tree'), '-cf', join(folder, 'two.tar'), 'sos']);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unpack = async (path: string): ReturnType<typeof unpackDump> =>
  unpackDump(join(folder, path), { folder: scratch });

describe('a dump that is packed', { timeout: 120_000 }, () => {
  it.each([
    ['vmcore.gz', 'vmcore.gz'],
    ['vmcore.zst', 'vmcore.zst'],
    ['sos.tar.gz', 'sos.tar.gz/sos/crash/first.dump'],
    ['sos.tar.gz/sos/crash/first.dump', 'sos.tar.gz/sos/crash/first.dump'],
    ['two.tar/sos/second.dump', 'two.tar/sos/second.dump'],
  ])('%s is the same dump, by the name that people give it, and leaves nothing', async (path, name) => {
    const found = await unpack(path);
    const session = CoreSession.open(found.file, { nameOf: found.nameOf });
    expect(session.kernel.file).toBe(join(folder, name));
    expect(session.dump.names).toEqual([join(folder, name)]);
    expect(readFileSync(found.file).equals(readFileSync(dump))).toBe(true);
    session.close();
    found.close();
    expect(existsSync(scratch)).toBe(false);
  });

  it('stays where it lies when it is not packed at all', async () => {
    expect(await unpackDump(dump, { folder: scratch })).toMatchObject({ file: dump });
  });

  it('is asked for by its name where an archive has several, or has none', async () => {
    await expect(unpack('two.tar')).rejects.toThrow(/two\.tar: holds 2 dumps \(.*first\.dump, .*second\.dump\); name/);
    await expect(unpack('both.tar')).rejects.toThrow(/holds 2 dumps \(.*a\/vmcore, .*b\/vmcore\); name one of them/);
    await expect(unpack('two.tar/sos/third')).rejects.toThrow('third: holds no crash dump; give a vmcore, or');
    expect(existsSync(scratch)).toBe(false);
  });

  it('that was split is one, of all its files', async () => {
    const machine = smallMachine();
    mkdirSync(join(folder, 'split'));
    const parts = [0, 60, 520].map((start, i, starts) => {
      const part = { start, end: starts[i + 1] ?? machine.endFrame };
      writeFileSync(
        join(folder, `split/vmcore.${i + 1}`),
        madeBy((sink) => writeKdump(sink, machine, { part })),
      );
      return `vmcore.${i + 1}`;
    });
    execFileSync('tar', ['--sort=name', '-C', folder, '-czf', join(folder, 'split.tar.gz'), 'split']);
    const found = await unpack('split.tar.gz');
    const opened = openDump([found.file], found.nameOf);
    expect(opened.names.toSorted()).toEqual(parts.map((part) => join(folder, 'split.tar.gz/split', part)));
    opened.close();
    found.close();
  });

  it('larger than there is room for is refused with how large that is, and leaves nothing', async () => {
    const small = unpackDump(join(folder, 'vmcore.gz'), { folder: scratch, bytes: 2 ** 20 });
    await expect(small).rejects.toThrow('vmcore.gz: is a crash dump that unpacks to more than 1.0 MiB; unpack it');
    expect(existsSync(scratch)).toBe(false);
  });

  it('is diagnosed with what lies beside it in the archive, and its commands name it there', async () => {
    const room = new DumpRoom({ folder: scratch, bytes: 2 ** 30 });
    const opened: string[] = [];
    const diagnosis = await diagnose([archive], { unpack: room, opened: ({ file }) => opened.push(file) });
    const name = `${archive}/sos/crash/first.dump`;
    expect(diagnosis.inputs).toContainEqual({ kind: 'vmcore', file: name });
    expect(diagnosis.inputs).toContainEqual({ kind: 'meminfo', file: `${archive}/sos/proc/meminfo` });
    expect(JSON.stringify(diagnosis)).toContain(`kleak core refs ${name} `);
    expect(JSON.stringify(diagnosis)).not.toContain(scratch);
    expect(opened.map((file) => existsSync(file))).toEqual([true]);
    room.close();
  });

  it('whose zeros are many takes no room for them', async () => {
    const room = new DumpRoom({ folder: scratch, bytes: 2 ** 30 });
    const parts = [new Uint8Array([1]), new Uint8Array(2 ** 20), new Uint8Array([2]), new Uint8Array(2 ** 20)];
    const taken = await room.take(
      'core',
      (async function* content() {
        yield* parts;
      })(),
    );
    const file = 'file' in taken ? taken.file : '';
    expect(readFileSync(file).equals(Buffer.concat(parts))).toBe(true);
    expect(readdirSync(join(scratch, '1'))).toEqual(['core']);
    room.close();
  });
});
