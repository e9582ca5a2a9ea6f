import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel, type MadeTypes } from '../../../testkit/made-kernel.ts';
import { readAllocTags } from './alloc-tags.ts';
import { walkXarray } from './xarray.ts';

const TYPES: MadeTypes = {
  xarray: { xa_lock: [0, 'long'], xa_head: [8, 'pointer'] },
  xa_node: { shift: [0, 'long'], slots: [8, 'long[4]'] },
  idr: { idr_rt: [0, 'xarray'], idr_base: [16, 'u32'] },
  codetag_type: { count: [0, 'long'], mod_idr: [8, 'idr'] },
  codetag_range: { start: [0, 'pointer'], stop: [8, 'pointer'] },
  codetag_module: { mod: [0, 'pointer'], range: [8, 'codetag_range'] },
  codetag: { flags: [0, 'u32'], lineno: [4, 'u32'], modname: [8, 'pointer'], function: [16, 'pointer'], filename: [24, 'pointer'] }, // prettier-ignore
  alloc_tag_counters: { bytes: [0, 'long'], calls: [8, 'long'] },
  alloc_tag: { ct: [0, 'codetag'], counters: [32, 'pointer'] },
};
const TAG = 40n;
const at = (offset: number): bigint => MADE_BASE + BigInt(offset);

interface Site {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly module?: string;
  /** Of each of two CPUs: bytes, calls. */
  readonly counts: readonly (readonly [number, number])[];
}

/** Two CPUs whose counters lie 0x1000 apart; `tags` of the kernel at 0x2000, of a module at 0x3000. */
function made(own: readonly Site[], ofModule: readonly Site[] = []): MadeKernel {
  const kernel = new MadeKernel(24, TYPES);
  kernel.symbols.set('__per_cpu_offset', at(0));
  kernel.symbols.set('nr_cpu_ids', at(0x40));
  kernel.symbols.set('__cpu_possible_mask', at(0x48));
  kernel.put(at(8), 0x1000n);
  kernel.put32(at(0x40), 2);
  kernel.put(at(0x48), 3n);
  let [text, counters] = [0x8000, 0x5000];
  const write = (sites: readonly Site[], from: number): void => {
    for (const [i, site] of sites.entries()) {
      const tag = at(from) + BigInt(i) * TAG;
      const put = (words: string): bigint => {
        const place = at(text);
        kernel.text(place, words);
        text += 64;
        return place;
      };
      kernel.put32(tag + 4n, site.line);
      kernel.put(tag + 8n, site.module === undefined ? 0n : put(site.module));
      kernel.put(tag + 16n, put(site.function));
      kernel.put(tag + 24n, put(site.file));
      kernel.put(tag + 32n, at(counters));
      for (const [cpu, [bytes, calls]] of site.counts.entries()) {
        kernel.put(at(counters + cpu * 0x1000), BigInt(bytes));
        kernel.put(at(counters + cpu * 0x1000 + 8), BigInt(calls));
      }
      counters += 16;
    }
  };
  write(own, 0x2000);
  write(ofModule, 0x3000);
  kernel.symbols.set('__start_alloc_tags', at(0x2000));
  kernel.symbols.set('__stop_alloc_tags', at(0x2000) + BigInt(own.length) * TAG);
  if (ofModule.length === 0) return kernel;
  // A type with two ranges, the kernel's and the module's, in a node of the numbers.
  kernel.symbols.set('alloc_tag_cttype', at(0x100));
  kernel.put(at(0x100), at(0x200));
  kernel.put(at(0x200 + 16), at(0x300) + 2n);
  kernel.put(at(0x300 + 8), at(0x400));
  kernel.put(at(0x300 + 16), at(0x440));
  kernel.put(at(0x400 + 8), at(0x2000));
  kernel.put(at(0x400 + 16), at(0x2000) + BigInt(own.length) * TAG);
  kernel.put(at(0x440 + 8), at(0x3000));
  kernel.put(at(0x440 + 16), at(0x3000) + BigInt(ofModule.length) * TAG);
  return kernel;
}

const SLAB: Site = { file: 'mm/slub.c', line: 2424, function: 'alloc_slab_page', counts: [[8192, 2], [4096, 1]] }; // prettier-ignore
const FREED: Site = { file: 'fs/file.c', line: 20, function: 'alloc_fd', counts: [[64, 1], [-64, -1]] }; // prettier-ignore
const LEAK: Site = { file: 'drivers/foo/foo.c', line: 77, function: 'foo_probe', module: 'foo', counts: [[32_000, 1000], [0, 0]] }; // prettier-ignore

describe('tags of allocations', () => {
  it('give the bytes and calls in use by line of source, those of all CPUs together', () => {
    const { value, problems } = readAllocTags(made([FREED, SLAB]).kernel);
    expect(problems).toEqual([]);
    expect(value).toMatchObject([
      { file: 'mm/slub.c', line: 2424, function: 'alloc_slab_page', bytes: 12_288, calls: 3 },
      { file: 'fs/file.c', line: 20, bytes: 0, calls: 0 },
    ]);
    expect(value?.[0]).not.toHaveProperty('module');
  });

  it('are those of modules too, where the numbers of modules lead to them, the kernel once', () => {
    const { value } = readAllocTags(made([SLAB], [LEAK]).kernel);
    expect(value?.map((site) => [site.module, site.function, site.bytes])).toEqual([
      ['foo', 'foo_probe', 32_000],
      [undefined, 'alloc_slab_page', 12_288],
    ]);
  });

  it('are none where nothing is counted, or the kernel has no tags', () => {
    expect(readAllocTags(made([FREED]).kernel).value).toBeUndefined();
    expect(readAllocTags(new MadeKernel(1, {}).kernel)).toEqual({ value: undefined, problems: [] });
  });

  it('that cannot be read are counted, and a section that does not fit is left out', () => {
    const torn = made([SLAB, FREED]);
    torn.put(at(0x2000) + TAG + 24n, 0xdead_0000n);
    expect(readAllocTags(torn.kernel)).toMatchObject({
      value: [{ line: 2424 }],
      problems: [expect.stringContaining('1 of 2')],
    });
    const odd = made([SLAB]);
    odd.symbols.set('__stop_alloc_tags', at(0x2000) + TAG + 8n);
    expect(readAllocTags(odd.kernel).problems).toEqual([expect.stringContaining('do not fit')]);
  });
});

describe('an xarray', () => {
  it('of one entry has it in its head; nodes may go round, and marks are no entries', () => {
    const kernel = new MadeKernel(2, TYPES);
    kernel.put(at(8), at(0x800));
    expect([...walkXarray(kernel.kernel, at(0))]).toEqual([at(0x800)]);
    kernel.put(at(8), at(0x300) + 2n);
    kernel.put(at(0x300 + 8), at(0x300) + 2n);
    kernel.put(at(0x300 + 16), 258n);
    kernel.put(at(0x300 + 24), at(0x900));
    const found = [...walkXarray(kernel.kernel, at(0))];
    expect(found.length).toBeLessThan(100);
    expect(new Set(found)).toEqual(new Set([at(0x900)]));
  });
});
