import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../testkit/hostile-text.ts';
import {
  cannotTell,
  negativeDentries,
  pageAllocatorGrowth,
  sampleDiagnoses,
  slabLeak,
  withTexts,
} from '../../testkit/sample-diagnosis.ts';
import { columnsOf } from './escape.ts';
import { renderText } from './text.ts';

const plain = { colour: false, width: 80 } as const;
const ESCAPE = String.fromCodePoint(0x1b);

describe('renderText', () => {
  it.each([
    [pageAllocatorGrowth, 'SUSPECTED LEAK  92.7 GiB'],
    [slabLeak, 'LEAK  A tty'],
    [negativeDentries, 'NOT A LEAK  36.7 GiB'],
    [cannotTell, 'CANNOT TELL  A single'],
  ])('starts with the verdict and the sentence: %#', (diagnosis, start) => {
    expect(renderText(diagnosis, plain).startsWith(start)).toBe(true);
  });

  it('says how sure it is beside the verdict', () => {
    expect(renderText(pageAllocatorGrowth, plain).split('\n')[1]).toMatch(/confidence 0\.9$/);
  });

  it('shows where the memory is and marks what the verdict is about', () => {
    const text = renderText(pageAllocatorGrowth, plain);
    expect(text).toContain('where the memory is (125.6 GiB)');
    expect(text).toMatch(/ {2}unexplained +█+\S*░+ +92\.8 GiB +74 % {2}◀\n/);
    expect(text).toMatch(/ {2}page cache +█+\S* +19\.6 GiB +16 %\n/);
  });

  it('gives why with its source, who, what is known and the next step with its risk', () => {
    const text = renderText(pageAllocatorGrowth, { ...plain, width: 120 });
    expect(text).toContain('[meminfo:1-44]');
    expect(text).toContain('who     driver i40e 2.3.6');
    expect(text).toContain('known   K-0007 Hosts with i40e 2.3.6');
    expect(text).toContain('kleak known i40e ');
    expect(text).toContain('(no risk)');
    expect(text).toContain('(needs a reboot)');
    expect(text).toContain('explain kleak explain page allocator, page_owner');
  });

  it('gives the rate with its bounds and the time left', () => {
    const text = renderText(slabLeak, { ...plain, width: 120 });
    expect(text).toContain('Grows by 21.0 MiB/h, 95 % sure: between 20.1 and 21.9 MiB');
    expect(text).toContain('in about 3 days');
  });

  it('names what was not seen, rules that could not look, and the inputs', () => {
    const text = renderText(pageAllocatorGrowth, plain).replaceAll(/\s+/g, ' ');
    expect(text).toContain('not seen: zoneinfo (not among the inputs');
    expect(text).toContain('could not look: needs two snapshots on one clock (slab-cache-growth, lockstep-growth)');
    expect(text).toContain('read: meminfo, slabinfo, buddyinfo in captures/node7');
  });

  it('fits one screen, whatever the number of findings, and shows everything when asked', () => {
    const first = slabLeak.findings.slice(0, 1);
    const many = { ...slabLeak, findings: [...slabLeak.findings, ...Array.from({ length: 9 }, () => first).flat()] };
    const short = renderText(many, plain);
    expect(short.split('\n').length).toBeLessThan(80);
    expect(short).toMatch(/\n 11 {2}kmalloc-1024.* LEAK\n/);
    const all = renderText(many, { ...plain, all: true });
    expect(all.length).toBeGreaterThan(short.length);
    expect(all).toContain('field/17/slabinfo');
  });

  it('keeps to the width, but for commands, which a line end would break', () => {
    for (const diagnosis of sampleDiagnoses)
      for (const width of [40, 60, 80, 120, 200]) {
        const commands = diagnosis.findings.flatMap(({ next }) => next.map(({ command }) => command));
        const long = renderText(diagnosis, { colour: false, width })
          .split('\n')
          .filter((line) => columnsOf(line) > width && !commands.some((command) => line.includes(command)));
        expect(long).toEqual([]);
      }
  });

  it('uses colour only when asked, and then says the same', () => {
    for (const diagnosis of sampleDiagnoses) {
      const without = renderText(diagnosis, plain);
      const coloured = renderText(diagnosis, { ...plain, colour: true });
      expect(without).not.toContain(ESCAPE);
      expect(coloured).toContain(ESCAPE);
      expect(
        coloured
          .split(ESCAPE)
          .join('')
          .replaceAll(/\[[\d;]+m/g, ''),
      ).toBe(without.replaceAll(/\[[\d;]+m/g, ''));
    }
  });

  it('draws with ASCII alone when asked', () => {
    for (const diagnosis of sampleDiagnoses)
      expect(renderText(diagnosis, { ...plain, ascii: true })).toMatch(/^[\n -~]*$/);
  });

  it('ends each document with one line end', () => {
    for (const diagnosis of sampleDiagnoses) expect(renderText(diagnosis, plain)).toMatch(/[^\n]\n$/);
  });

  it('holds no control character but line ends, whatever stands in the document', () => {
    fc.assert(
      fc.property(hostileText, fc.boolean(), fc.integer({ min: 1, max: 160 }), (text, all, width) => {
        for (const diagnosis of sampleDiagnoses) {
          const rendered = renderText(
            withTexts(diagnosis, () => text),
            { colour: false, width, all },
          );
          expect(rendered.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('adds no escape sequence to its own when coloured', () => {
    const hostile = withTexts(slabLeak, () => `${ESCAPE}[2J\u009B1A`);
    const sequences = renderText(hostile, { colour: true, width: 80 }).split(ESCAPE).slice(1);
    expect(sequences.every((after) => /^\[[\d;]+m/.test(after))).toBe(true);
  });

  it('stands a word of a megabyte', () => {
    const long = withTexts(slabLeak, (was) => (was === 'why' ? 'x'.repeat(1_000_000) : was));
    expect(renderText(long, plain).length).toBeGreaterThan(1_000_000);
  });
});
