import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { FormatError } from '../../base/errors.ts';
import { cleanLines } from '../text/line.ts';
import { slabTraces } from './slab-traces.ts';

const sample = `    338 pci_alloc_dev+0x2c/0xa0 waste=521872/1544 age=290837/291891/293509 pid=1 cpus=106 nodes=0-1
        __kmem_cache_alloc_node+0x11f/0x4e0
        kmalloc_trace+0x26/0xa0
        pci_alloc_dev+0x2c/0xa0
        pci_scan_single_device+0xa1/0x130

     12 foo_open+0x2c/0xa0 [foo] age=290837 pid=1-99 cpus=0-3
      7 <not-available> age=4294937480 pid=0
`;

describe('slab-traces', () => {
  it('reads rows with and without stacks', () => {
    const { value, problems } = readBlock(slabTraces, sample);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'slab-traces', entries: 357 });
    expect(value.groups.map((g) => [g.count, g.stack.map((f) => f.symbol).join(' ')])).toEqual([
      [338, '__kmem_cache_alloc_node kmalloc_trace pci_alloc_dev pci_scan_single_device'],
      [12, 'foo_open'],
    ]);
    expect(value.groups[0]).not.toHaveProperty('bytes');
    expect(value.groups[0]).not.toHaveProperty('cache');
  });

  it.each([
    ['# cat kmalloc-128/alloc_traces | sort -rn | head', 'kmalloc-128'],
    ['root@pi:~# cat /sys/kernel/debug/slab/kmalloc-1k/alloc_traces', 'kmalloc-1k'],
    ['pi:/sys/kernel/debug/slab/kmalloc-256 # cat alloc_traces', 'kmalloc-256'],
    ['==> /sys/kernel/slab/:0000128/alloc_calls <==', ':0000128'],
  ])('takes the name of the cache from %s', (line, cache) => {
    expect(readBlock(slabTraces, `${line}\n${sample}`).value.groups[0]?.cache).toBe(cache);
  });

  it('takes the name of the cache from the path of the file, and from each row of a grep', () => {
    expect(readBlock(slabTraces, sample, 'sys/kernel/debug/slab/filp/alloc_traces').value.groups[0]?.cache).toBe(
      'filp',
    );
    const grep =
      'kmalloc-8/alloc_traces:     12 foo+0x1/0x2 age=1\nkmalloc-16/alloc_traces:     13 foo+0x1/0x2 age=1\n';
    expect(readBlock(slabTraces, grep).value.groups.map((g) => g.cache)).toEqual(['kmalloc-16', 'kmalloc-8']);
  });

  it("reads SLAB's list of all caches", () => {
    expect(readBlock(slabTraces, 'size-512: 12 neigh_alloc+0x8c/0x130\n').value.groups).toMatchObject([
      { cache: 'size-512', count: 12 },
    ]);
  });

  it('refuses the lists of frees', () => {
    const text = `# cat kmalloc-128/free_traces\n${sample}`;
    expect(() => readBlock(slabTraces, text)).toThrow(FormatError);
    expect(() => readBlock(slabTraces, sample, '/sys/kernel/slab/kmalloc-128/free_calls')).toThrow(/freed/);
  });

  it('ends where the next cache begins', () => {
    const text = `# cat a/alloc_traces\n   12 foo+0x1/0x2 age=1\n....\n# cat b/alloc_traces\n   12 foo+0x1/0x2 age=1\n`;
    expect(slabTraces.claim(cleanLines(text), 0)).toBe(2);
    expect(slabTraces.claim(cleanLines(text), 3)).toBe(2);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 9 }), (counts) => {
        const text = counts.map((n, i) => `${String(n).padStart(7)} f${i}+0x1/0x2 age=${i} pid=1\n`).join('');
        expect(readBlock(slabTraces, text).value.groups.map((g) => g.count)).toEqual(counts.toSorted((a, b) => b - a));
      }),
    );
  });

  exerciseFormat(slabTraces, sample);
});
