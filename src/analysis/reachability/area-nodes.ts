import type { Kernel } from '../../model/kernel/kernel.ts';
import { kindByte } from '../../model/kernel/page-kinds.ts';
import type { VmallocArea } from '../../model/kernel/vmalloc.ts';
import { halves, type PageRanges } from './node-space.ts';

/** vmalloc areas that are nodes: memory of their own, and neither a stack nor a module nor per-CPU memory. */
export interface AreaNodes {
  readonly nodes: readonly { readonly area: VmallocArea; readonly frames: readonly number[] }[];
  readonly ranges: PageRanges;
  /**
   * Physical addresses of words that only describe an area: vmap_area.va_start and va_end, vm_struct.addr. Taken as
   * pointers they would hold every area.
   */
  readonly ownWords: ReadonlySet<number>;
}

/** `described`: addresses of all struct vmap_area; `firstNode`: the number of the first of these nodes. */
export function areaNodes(
  { memory, layouts }: Kernel,
  areas: readonly VmallocArea[],
  described: Iterable<bigint>,
  firstNode: number,
  kinds: Uint8Array,
): AreaNodes {
  const vmalloc = kindByte('vmalloc');
  const pageSize = BigInt(memory.pageSize);
  const ownWords = new Set<number>();
  const leave = (struct: bigint | undefined, type: string, ...members: readonly string[]): void => {
    if (struct === undefined) return;
    for (const name of members) {
      const member = layouts.member(type, name);
      const word = member && memory.translate(struct + BigInt(member.offset));
      if (word !== undefined) ownWords.add(word);
    }
  };
  // An area ends where the next may begin; so do the gaps between areas, which have such a struct too.
  for (const struct of described) leave(struct, 'vmap_area', 'va_start', 'va_end');
  const nodes = areas.flatMap((area) => {
    if (!area.owns || area.use !== 'vmalloc') return [];
    const frames: number[] = [];
    for (let at = area.start; at < area.start + BigInt(area.size); at += pageSize) {
      const physical = memory.translate(at);
      const frame = physical === undefined ? -1 : Math.floor(physical / memory.pageSize);
      if (frame >= 0 && kinds[frame] === vmalloc) frames.push(frame);
    }
    leave(area.area, 'vmap_area', 'va_start', 'va_end');
    leave(area.descriptor, 'vm_struct', 'addr');
    return frames.length === 0 ? [] : [{ area, frames }];
  });
  const base = nodes[0]?.area.start ?? 0n;
  const page = (address: bigint): number => {
    const [at, start] = [halves(address), halves(base)];
    return ((at.high - start.high) * 4294967296 + (at.low - start.low)) / 4096;
  };
  return {
    nodes,
    ownWords,
    ranges: {
      ...halves(base),
      from: Float64Array.from(nodes, ({ area }) => page(area.start)),
      to: Float64Array.from(nodes, ({ area }) => page(area.start + BigInt(area.size))),
      node: Uint32Array.from(nodes, (_, i) => firstNode + i),
    },
  };
}
