import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { MemoryMap } from './memory-map.ts';
import { openPages } from './open-heap.ts';
import { readPageOwners } from './page-owner.ts';

const TYPES = {
  mem_section: { section_mem_map: [0, 'long'], page_ext: [8, 'pointer'] },
  page_ext: { flags: [0, 'long'] },
  page_ext_operations: { offset: [0, 'long'], size: [8, 'long'] },
  page_owner: { order: [0, 'u16'], handle: [4, 'u32'], comm: [8, 'char[16]'] },
  handle_parts: { pool_index: [0, 'u16'], offset: [2, 'u16'] },
  stack_record: { size: [0, 'u32'], handle: [4, 'u32'], entries: [8, 'long[8]'] },
} as const;
const ENUMS = { page_ext_flags: { PAGE_EXT_OWNER: 0, PAGE_EXT_OWNER_ALLOCATED: 1 } };

const VARIABLES = MADE_BASE;
const SECTION = MADE_BASE + 0x100n;
const POOLS = MADE_BASE + 0x200n;
const POOL = MADE_BASE + 0x1000n;
const EXTENSIONS = MADE_BASE + 0x2000n;
const SIZE = 64;
/** Pool 1, 32 bytes in. */
const HANDLE = 1 | (2 << 16);

/** 1024 frames; `owners`: [frame, order, flags]. `table`: the pools are an array, or a pointer to one. */
function made(owners: readonly (readonly [number, number, number])[], table: 'array' | 'pointer'): MadeKernel {
  const kernel = new MadeKernel(20, TYPES, ENUMS);
  const variable = (name: string, i: number, value: bigint): void => {
    kernel.symbols.set(name, VARIABLES + BigInt(i * 8));
    kernel.put(VARIABLES + BigInt(i * 8), value);
  };
  variable('page_ext_size', 0, BigInt(SIZE));
  variable('page_owner_ops', 1, 16n);
  kernel.put(SECTION + 8n, EXTENSIONS);
  kernel.put(POOLS + 8n, POOL);
  if (table === 'pointer') variable('stack_pools', 2, POOLS);
  else kernel.symbols.set('stack_pools', POOLS);
  kernel.put32(POOL + 32n, 2);
  kernel.put32(POOL + 36n, HANDLE);
  kernel.put(POOL + 40n, 0xffffffff81000010n);
  kernel.put(POOL + 48n, 0xffffffff81000020n);
  for (const [frame, order, flags] of owners) {
    const at = EXTENSIONS + BigInt(frame * SIZE);
    kernel.put(at, BigInt(flags));
    kernel.put32(at + 16n, order);
    kernel.put32(at + 20n, HANDLE);
    kernel.text(at + 24n, 'driver');
  }
  return kernel;
}

const mapOf = ({ kernel }: MadeKernel): MemoryMap =>
  new MemoryMap(kernel.memory, [{ firstFrame: 0, frames: 1024, pages: 0n }], 64, [
    { firstFrame: 0, frames: 1024, whole: 1024, address: SECTION },
  ]);

describe('owners of pages', () => {
  it.each(['array', 'pointer'] as const)('are told by stack, the pools in an %s', (table) => {
    // 8 and 9 are a block, 10 was freed since, 12 is not wanted.
    const kernel = made(
      [
        [8, 1, 3],
        [9, 1, 3],
        [10, 0, 1],
        [11, 0, 3],
        [12, 0, 3],
      ],
      table,
    );
    const { value, problems } = readPageOwners(kernel.kernel, mapOf(kernel), (frame) => frame !== 12);
    expect(problems).toEqual([]);
    expect(value).toEqual([
      {
        stack: [0xffffffff81000010n, 0xffffffff81000020n],
        pages: 3,
        blocks: 2,
        orders: [0, 1],
        processes: ['driver'],
        samples: [8, 11],
      },
    ]);
  });

  it('whose stack has another number than the page says are lost, and that is said', () => {
    const kernel = made([[8, 0, 3]], 'array');
    kernel.put32(POOL + 36n, HANDLE + 1);
    expect(readPageOwners(kernel.kernel, mapOf(kernel), () => true)).toEqual({
      value: [],
      problems: ['page_owner: the stacks of 1 pages are not in the dump'],
    });
  });

  it('are not kept by most kernels, which is no problem', () => {
    const kernel = new MadeKernel(1, {});
    expect(readPageOwners(kernel.kernel, mapOf(kernel), () => true)).toEqual({ value: undefined, problems: [] });
  });
});

/** Blocks by stack, as the file has them, and the last frame it reaches: it may have been cut. */
function readText(text: string): { readonly last: number; readonly stacks: ReadonlyMap<string, number> } {
  const stacks = new Map<string, number>();
  let last = 0;
  for (const entry of text.split(/\n\n/).slice(0, -2)) {
    last = Math.max(last, Number(/^PFN (\d+)/m.exec(entry)?.[1] ?? 0));
    const stack = [...entry.matchAll(/^ (\S+)\/0x[0-9a-f]+( \[\w+\])?$/gm)].map(
      ([, at = '', module = '']) => at + module,
    );
    stacks.set(stack.join(' < '), (stacks.get(stack.join(' < ')) ?? 0) + 1);
  }
  return { last, stacks };
}

const dumps = realDumps().filter(({ proc }) => proc('page_owner') !== undefined);
describe.skipIf(dumps.length === 0)(`owners of pages in real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are those that page_owner listed', ({ path, proc }) => {
    const then = readText(proc('page_owner') ?? '');
    const { dump, kernel } = openKernel([path]);
    const map = openPages(kernel)?.map;
    const owners = map && readPageOwners(kernel, map, (frame) => frame <= then.last);
    dump.close();
    expect(owners?.problems).toEqual([]);
    const now = new Map(
      owners?.value?.map(({ stack, blocks }) => [
        stack.map((at) => kernel.symbols.spell(at) ?? '').join(' < '),
        blocks,
      ]),
    );
    const many = [...then.stacks].filter(([, blocks]) => blocks >= 20);
    expect(many.length).toBeGreaterThan(0);
    const differing = many.filter(([stack, blocks]) => Math.abs((now.get(stack) ?? 0) - blocks) > 2 + blocks / 10);
    expect(differing).toEqual([]);
  });
});
