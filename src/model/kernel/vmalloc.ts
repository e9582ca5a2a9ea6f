import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';
import { u32Variable, u64Variable } from './variables.ts';

/** What an area of vmalloc space is for; `vm_map_ram` and `unnamed` have no struct vm_struct. */
export type VmallocUse =
  'vmalloc' | 'vmap' | 'ioremap' | 'user' | 'dma-coherent' | 'sparse' | 'vm_map_ram' | 'unnamed' | 'other';

/** A line of /proc/vmallocinfo. */
export interface VmallocArea {
  readonly start: bigint;
  /** Bytes of address space, with the guard page behind it. */
  readonly size: number;
  readonly use: VmallocUse;
  /** Pages that it owns; 0 where it shows memory of others: of a device (ioremap), of a driver (vmap). */
  readonly pages: number;
  /** Whether what is mapped in it was allocated for it. */
  readonly owns: boolean;
  /** Physical address, of ioremap. */
  readonly physical?: number;
  /** Return address within the function that asked for it. */
  readonly caller?: bigint;
  /** Of its struct vm_struct. */
  readonly descriptor?: bigint;
  /** Of its struct vmap_area. */
  readonly area?: bigint;
}

/** include/linux/vmalloc.h; the first that is set tells the use. The same since 5.4, ioremap to vmap since 2.6. */
const USES: readonly (readonly [number, VmallocUse])[] = [
  [0x1, 'ioremap'],
  [0x2, 'vmalloc'],
  [0x4, 'vmap'],
  [0x8, 'user'],
  [0x10, 'dma-coherent'],
  [0x1000, 'sparse'],
];
const VM_ALLOC = 0x2;
/** The pages given to vmap were handed over with it (5.9, commit b944afc9d64d). */
const VM_MAP_PUT_PAGES = 0x200;
/** Of vmap_area.flags, since 6.3 (commit 869176a09606). */
const VMAP_RAM = 1;
const MOST_AREAS = 10_000_000;
/** There is one for each CPU, 128 at most (vmap_init_nodes). */
const MOST_NODES = 1024;

/** The areas in use, by address. What was freed and waits to be unmapped holds no memory and is left out. */
export function walkVmalloc(kernel: Kernel): Walked<readonly VmallocArea[]> {
  const problems: string[] = [];
  try {
    const areas = [...listAreas(kernel, problems)];
    areas.sort((a, b) => (a.start < b.start ? -1 : 1));
    return { value: areas, problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [...problems, `no vmalloc areas: ${cause.message}`] };
  }
}

function* listAreas(kernel: Kernel, problems: string[]): Generator<VmallocArea> {
  const { memory, layouts } = kernel;
  const layout = layouts.needStruct('vmap_area');
  const at = BigInt(layout.need('list').offset);
  const heads = listHeads(kernel);
  if (heads.length === 0) problems.push('no vmalloc areas: neither vmap_nodes nor vmap_area_list is to be found');
  for (const head of heads) {
    const problem = (what: string): void => void problems.push(`the list of vmalloc areas ${what}`);
    for (const entry of walkListFromBothEnds(memory, head, problem, MOST_AREAS)) {
      const area = ifThere(() => readArea(kernel, viewStruct(memory, layouts, layout, entry - at)));
      if (area) yield { ...area, area: entry - at };
      else problems.push(`the vmalloc area at ${(entry - at).toString(16)} cannot be read`);
    }
  }
}

/** Since 6.9 (commit d093602919ad) spread over nodes; before, one list. */
function listHeads(kernel: Kernel): readonly bigint[] {
  const { symbols, layouts, info } = kernel;
  const single = symbols.find('vmap_area_list') ?? info.symbols.get('vmap_area_list');
  const node = layouts.struct('vmap_node');
  const nodes = u64Variable(kernel, 'vmap_nodes');
  if (node === undefined || nodes === undefined) return single === undefined ? [] : [single];
  const count = Math.min(MOST_NODES, u32Variable(kernel, 'nr_vmap_nodes') ?? 1);
  const head = node.need('busy.head').offset;
  return Array.from({ length: count }, (_, i) => nodes + BigInt(i * node.size + head));
}

function readArea(kernel: Kernel, view: StructView): VmallocArea {
  const start = view.pointer('va_start');
  const size = Number(view.pointer('va_end') - start);
  // Shares its place with other things while an area is not in use; before 3.10 it was called private.
  const pointer = view.pointer('vm|private');
  const named = pointer === 0n ? undefined : ifThere(() => readNamed(kernel, pointer));
  if (named?.start === start) return named;
  const ram = view.has('flags') && (view.number('flags') & VMAP_RAM) !== 0;
  return { start, size, use: ram ? 'vm_map_ram' : 'unnamed', pages: 0, owns: false };
}

function readNamed({ memory, layouts }: Kernel, address: bigint): VmallocArea {
  const view = viewStruct(memory, layouts, 'vm_struct', address);
  const flags = view.number('flags');
  const [physical, caller] = [view.number('phys_addr'), view.pointer('caller')];
  const owns = (flags & (VM_ALLOC | VM_MAP_PUT_PAGES)) !== 0;
  return {
    start: view.pointer('addr'),
    descriptor: address,
    size: view.number('size'),
    use: USES.find(([flag]) => (flags & flag) !== 0)?.[1] ?? 'other',
    pages: owns ? view.number('nr_pages') : 0,
    owns,
    ...(physical === 0 ? {} : { physical }),
    ...(caller === 0n ? {} : { caller }),
  };
}
