import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { walkVmalloc } from './vmalloc.ts';

const TYPES = {
  vmap_area: {
    va_start: [0, 'long'],
    va_end: [8, 'long'],
    list: [16, 'list'],
    vm: [32, 'pointer'],
    flags: [40, 'long'],
  },
  vm_struct: {
    addr: [0, 'pointer'],
    size: [8, 'long'],
    flags: [16, 'long'],
    nr_pages: [24, 'u32'],
    phys_addr: [32, 'long'],
    caller: [40, 'pointer'],
  },
} as const;
const NODES = {
  ...TYPES,
  rb_list: { head: [8, 'list'] },
  vmap_node: { pool: [0, 'long'], busy: [8, 'rb_list'] },
} as const;

const SPACE = 0xffffc90000000000n;
const areaAt = (i: number): bigint => MADE_BASE + 0x1000n + BigInt(i * 0x100);

/** `flags` as the kernel has them; 0: an area without a vm_struct. */
function put(kernel: MadeKernel, i: number, start: bigint, pages: number, flags: number): bigint {
  const area = areaAt(i);
  const named = area + 0x80n;
  kernel.put(area, start);
  kernel.put(area + 8n, start + BigInt((pages + 1) * 4096));
  kernel.put(area + 32n, flags === 0 ? 0n : named);
  kernel.put(area + 40n, flags === 0 ? 1n : 0n);
  kernel.put(named, start);
  kernel.put(named + 8n, BigInt((pages + 1) * 4096));
  kernel.put(named + 16n, BigInt(flags));
  kernel.put32(named + 24n, pages);
  kernel.put(named + 40n, 0xffffffff81000010n);
  return area + 16n;
}

describe('vmalloc areas', () => {
  it('come by address, with what they own', () => {
    const kernel = new MadeKernel(4, TYPES);
    kernel.symbols.set('vmap_area_list', MADE_BASE);
    const entries = [
      put(kernel, 0, SPACE + 0x9000n, 4, 0x2),
      put(kernel, 1, SPACE, 3, 0x4),
      put(kernel, 2, SPACE + 0x5000n, 1, 0),
    ];
    kernel.link(MADE_BASE, ...entries);
    const { value, problems } = walkVmalloc(kernel.kernel);
    expect(problems).toEqual([]);
    expect(value.map(({ start, use, pages, owns }) => [start - SPACE, use, pages, owns])).toEqual([
      [0n, 'vmap', 0, false],
      [0x5000n, 'vm_map_ram', 0, false],
      [0x9000n, 'vmalloc', 4, true],
    ]);
    expect(value[2]).toMatchObject({ size: 5 * 4096, caller: 0xffffffff81000010n });
  });

  it('are taken from every node where they are spread over nodes', () => {
    const kernel = new MadeKernel(4, NODES);
    const [pointer, count, nodes] = [MADE_BASE, MADE_BASE + 8n, MADE_BASE + 0x100n];
    kernel.symbols.set('vmap_nodes', pointer);
    kernel.symbols.set('nr_vmap_nodes', count);
    kernel.put(pointer, nodes);
    kernel.put32(count, 2);
    kernel.link(nodes + 16n, put(kernel, 0, SPACE, 1, 0x2));
    kernel.link(nodes + 32n + 16n, put(kernel, 1, SPACE + 0x2000n, 2, 0x1));
    expect(walkVmalloc(kernel.kernel).value.map(({ use, pages }) => [use, pages])).toEqual([
      ['vmalloc', 1],
      ['ioremap', 0],
    ]);
  });

  it('are none where nothing leads to them, and that is said', () => {
    expect(walkVmalloc(new MadeKernel(1, TYPES).kernel).problems.join()).toContain(
      'neither vmap_nodes nor vmap_area_list',
    );
    expect(walkVmalloc(new MadeKernel(1, {}).kernel).problems).toEqual([
      'no vmalloc areas: the types have no struct vmap_area',
    ]);
  });
});

/** What /proc/vmallocinfo counts: areas with a name, their pages, and who asked for them. */
function listed(text: string): { readonly areas: number; readonly pages: number; readonly callers: readonly string[] } {
  const lines = text.split('\n').filter((line) => line !== '' && !line.includes('unpurged'));
  const pages = lines.map((line) => Number(/ pages=(\d+)/.exec(line)?.[1] ?? 0));
  const callers = lines.flatMap((line) => /^\S+ +\d+ (\w+\+0x[1-9a-f][0-9a-f]*)\//.exec(line)?.[1] ?? []);
  return { areas: lines.length, pages: pages.reduce((a, b) => a + b, 0), callers };
}

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`vmalloc areas of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are those of /proc/vmallocinfo, or what is missing is said', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = walkVmalloc(kernel);
    dump.close();
    expect(value.length).toBeGreaterThan(0);
    const then = listed(problems.length === 0 ? (proc('vmallocinfo') ?? '') : '');
    const spelled = new Set(value.flatMap(({ caller }) => (caller === undefined ? [] : kernel.symbols.spell(caller))));
    expect(then.callers.filter((caller) => ![...spelled].some((s) => s?.split(' ')[0] === caller))).toEqual([]);
    // A thread that came or went in between has a stack.
    expect(then.areas === 0 || Math.abs(value.length - then.areas) <= 3).toBe(true);
    const pages = value.reduce((sum, area) => sum + area.pages, 0);
    expect(then.areas === 0 || Math.abs(pages - then.pages) <= 12).toBe(true);
  });
});
