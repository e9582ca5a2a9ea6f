import { bytes } from '../../base/units.ts';
import type { LostPercpu } from '../../model/dump-facts.ts';
import { perCpu, possibleCpus, type Cpu } from '../../model/kernel/cpus.ts';
import { spell } from '../core/addresses.ts';
import type { CoreSession } from '../core/session.ts';
import type { PercpuArea } from '../../analysis/reachability/percpu-space.ts';

const MOST_SAMPLES = 6;
/** Areas that are looked into for who made them. */
const MOST_LOOKED = 64;
const MOST_BYTES = 4096;
/** So many of them have to name the same module. */
const SHARE = 0.5;
const KERNEL_HALF = 0xff000000;

/** Areas of per-CPU memory that nothing refers to, by size, the most bytes first. */
export function lostPercpu(session: CoreSession): readonly LostPercpu[] {
  const { percpu } = session.reachability;
  if (!percpu) return [];
  const bySize = new Map<number, { lost: PercpuArea[]; known: number }>();
  for (let i = 0; i < percpu.space.count; i++) {
    const area = percpu.areaAt(i);
    const group = bySize.get(area.size) ?? { lost: [], known: 0 };
    if (percpu.referenced.has(i)) group.known++;
    else group.lost.push(area);
    bySize.set(area.size, group);
  }
  const cpus = possibleCpus(session.kernel);
  return [...bySize]
    .filter(([, { lost }]) => lost.length > 0)
    .map(([size, { lost, known }]): LostPercpu => {
      const owner = ownerOf(session, lost, cpus);
      return {
        size: bytes(size),
        areas: lost.length,
        cpus: cpus.length,
        bytes: bytes(size * lost.length * cpus.length),
        referencedAlike: known,
        ...(owner ? { owner } : {}),
        samples: lost.slice(0, MOST_SAMPLES).map(({ address }) => spell(address)),
      };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** The module whose code or data most of them name: a timer's function, a table. */
function ownerOf(
  { kernel }: CoreSession,
  lost: readonly PercpuArea[],
  cpus: readonly Cpu[],
): LostPercpu['owner'] | undefined {
  const looked = lost.slice(0, MOST_LOOKED);
  const counts = new Map<string, { readonly owner: NonNullable<LostPercpu['owner']>; count: number }>();
  for (const { pointer, size } of looked) {
    for (const [key, owner] of namedBy(kernel, pointer, Math.min(size, MOST_BYTES), cpus)) {
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { owner, count: 1 });
    }
  }
  const [most] = [...counts.values()].toSorted((a, b) => b.count - a.count);
  return most && most.count >= looked.length * SHARE ? most.owner : undefined;
}

function namedBy(
  { memory, symbols }: CoreSession['kernel'],
  pointer: bigint,
  size: number,
  cpus: readonly Cpu[],
): ReadonlyMap<string, NonNullable<LostPercpu['owner']>> {
  const found = new Map<string, NonNullable<LostPercpu['owner']>>();
  for (const cpu of cpus) {
    const copy = memory.tryRead(perCpu(pointer, cpu), size & ~7);
    if (!copy) continue;
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    for (let at = 0; at + 8 <= copy.length; at += 8) {
      if (view.getUint32(at + 4, true) < KERNEL_HALF) continue;
      const [, name, module] =
        /^(\S+?)(?:\+0x[0-9a-f]+)? \[(.+)\]$/.exec(symbols.spell(view.getBigUint64(at, true)) ?? '') ?? [];
      if (name !== undefined && module !== undefined) found.set(`${name} ${module}`, { function: name, module });
    }
  }
  return found;
}
