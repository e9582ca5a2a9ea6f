import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import type { HolderRoots } from '../../analysis/reachability/outermost-holders.ts';
import type { CoreReferrer } from '../../findings/core/core-refs.ts';
import { perCpu, possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { Places } from './places.ts';
import type { CoreSession } from './session.ts';

/** Whose a root is. */
export type RootOwner =
  | { readonly kind: 'module'; readonly module: string }
  /** A variable of the kernel itself. */
  | { readonly kind: 'symbol'; readonly symbol: string }
  /** All processes together: what several share, as files after a fork, is still theirs. */
  | { readonly kind: 'processes' }
  | { readonly kind: 'place'; readonly place: string };

export interface OwnedRoots {
  readonly roots: HolderRoots;
  /** By number. */
  readonly owners: readonly RootOwner[];
  readonly places: Places;
}

/** Stacks of tasks that are listed, of those that are not, and areas that such were. */
const STACK = /stack|dup_task_struct|copy_process|kernel_clone/;
/** A word of a stack holds nothing for long. */
export const isPassing = ({ symbol, place = '' }: CoreReferrer): boolean => symbol === undefined && STACK.test(place);
const STACKS = 'a stack';
const PER_CPU = 'per-CPU memory';

/**
 * Roots by whose they are. A module is one owner, so that what it has both in a list and in a table is its own. Stacks and per-CPU
 * memory own only what nobody else does: with pointers that pass by, and timers that are armed, nothing would be held by one
 * alone.
 */
export function rootOwners(session: CoreSession): OwnedRoots {
  const { reachability, users } = session;
  const { graph, space } = reachability;
  const places = new Places(session, space);
  const owners: RootOwner[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (key: string, owner: () => RootOwner): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    owners.push(owner());
    numbers.set(key, owners.length - 1);
    return owners.length - 1;
  };
  const perCpuMemory = perCpuFrames(session);
  const ownerOf = Int32Array.from(graph.rootPlaces, (physical) => {
    if (perCpuMemory.has(Math.floor(physical / space.pageSize))) return numberOf(PER_CPU, () => placed(PER_CPU));
    const { symbol, place = '' } = places.root(physical);
    if (symbol === undefined) {
      const name = isPassing({ place }) ? STACKS : place;
      return numberOf(name, () => placed(name));
    }
    const { name, module } = splitSymbol(symbol);
    return module === undefined
      ? numberOf(name, () => ({ kind: 'symbol', symbol: name }))
      : numberOf(`[${module}]`, () => ({ kind: 'module', module }));
  });
  const standing = new Map<number, number>();
  for (const { address, kernelThread, pid } of users.tasks) {
    const node = kernelThread || pid === 0 ? NOTHING : nodeAtAddress(space, address);
    if (node !== NOTHING)
      standing.set(
        node,
        numberOf('processes', () => ({ kind: 'processes' })),
      );
  }
  const lesser = new Set([PER_CPU, STACKS].flatMap((name) => numbers.get(name) ?? []));
  return { roots: { ownerOf, owners: owners.length, lesser, standing }, owners, places };
}

const placed = (place: string): RootOwner => ({ kind: 'place', place });

/** Static variables of the kernel, which no chunk has, and every chunk, of all CPUs. */
function perCpuFrames({ kernel, users: { percpu } }: CoreSession): ReadonlySet<number> {
  const frames = new Set<number>();
  const [start, end] = [kernel.symbols.find('__per_cpu_start'), kernel.symbols.find('__per_cpu_end')];
  if (start !== undefined && end !== undefined && end > start)
    for (const cpu of possibleCpus(kernel)) addFrames(kernel, perCpu(start, cpu), Number(end - start), frames);
  for (const { base, bytes } of percpu?.chunks ?? []) {
    for (let unit = 0; unit < (percpu?.units ?? 0); unit++)
      addFrames(kernel, base + BigInt(unit * (percpu?.unitBytes ?? 0)), bytes, frames);
  }
  return frames;
}

function addFrames({ memory }: Kernel, start: bigint, bytes: number, frames: Set<number>): void {
  for (let at = 0; at < bytes && frames.size < MOST_FRAMES; at += memory.pageSize) {
    const physical = memory.translate(start + BigInt(at));
    if (physical !== undefined) frames.add(Math.floor(physical / memory.pageSize));
  }
}

/** 4 GiB of per-CPU memory. */
const MOST_FRAMES = 2 ** 20;

/** `head+0x10 [module]` is variable head of that module. */
export function splitSymbol(spelled: string): { readonly name: string; readonly module?: string } {
  const [, name = spelled, module] = /^(\S+?)(?:\+0x[0-9a-f]+)?(?: \[(.+)\])?$/.exec(spelled) ?? [];
  return { name, ...(module === undefined ? {} : { module }) };
}
