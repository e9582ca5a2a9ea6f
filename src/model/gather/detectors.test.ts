import { describe, expect, it } from 'vitest';
import { textFormats, type Sighting } from '../../formats/catalog.ts';
import { cleanLines } from '../../formats/text/line.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import { gatherDetectors } from './detectors.ts';

const see = (text: string, file = 'f'): readonly Sighting[] =>
  splitBlocks(textFormats, cleanLines(text), file).sightings;

const ENTRY = 'unreferenced object 0xffff888104c3a000 (size 64):\n  backtrace:\n    [<00>] foo+0x1/0x2\n';

describe('gatherDetectors', () => {
  it('finds every report in a text, and nothing where there is none', () => {
    const text = `${ENTRY}\nallocinfo - version: 1.0\n  4096 1 fs/x.c:1 func:f\n\n    12 foo+0x1/0x2 age=1\n\n foo+0x1/0x2\nnr_base_pages: 3\n`;
    expect(gatherDetectors(see(text)).reports?.map((r) => [r.detector, r.groups.length])).toEqual([
      ['kmemleak', 1],
      ['page_owner', 1],
      ['allocinfo', 1],
      ['slab-traces', 1],
    ]);
    expect(gatherDetectors(see('MemTotal: 1 kB\n'))).toEqual({});
  });

  it('joins handles and stacks that stand in two files', () => {
    const parts = [
      ...see('handle: 5\nnr_base_pages: 7\n\nhandle: 6\nnr_base_pages: 1\n', 'show_handles'),
      ...see(' foo+0x1/0x2\nhandle: 5\n', 'show_stacks_handles'),
    ];
    expect(gatherDetectors(parts).reports).toMatchObject([
      {
        groups: [
          { count: 7, bytes: 28_672, stack: [{ symbol: 'foo' }] },
          { count: 1, stack: [{ symbol: '' }] },
        ],
      },
    ]);
  });

  it('leaves a kernel log around a verbose scan to the log', () => {
    const text = [
      'kmemleak: unreferenced object 0xffff888104c3a000 (size 64):',
      'kmemleak:   backtrace (crc 1):',
      'kmemleak:     foo+0x1/0x2',
      'Out of memory: Killed process 1 (a)',
    ]
      .map((line, i) => `[   1.00000${i}] ${line}`)
      .join('\n');
    const kinds = see(text).map((s) => s.kind);
    expect(kinds).toEqual(['kmemleak', 'dmesg']);
  });
});
