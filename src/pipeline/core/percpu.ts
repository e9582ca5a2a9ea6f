import type { CorePercpu, PercpuAreas } from '../../findings/core/core-percpu.ts';
import { InputError } from '../../sources/input-error.ts';
import { walkPercpu, type PercpuChunk, type PercpuMemory } from '../../model/kernel/percpu-chunks.ts';
import { areaSizes } from '../../model/kernel/percpu-map.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** The per-CPU allocator's chunks and what was handed out of them. Throws InputError where nothing leads to them. */
export function corePercpu({ kernel }: CoreSession): CorePercpu {
  const { value, problems } = walkPercpu(kernel);
  if (!value) throw new InputError(kernel.file, problems.join(', '), 'give --symbols with the vmlinux of this kernel');
  const areas = areasOf(value);
  const { units, populatedBytes, bootBytes, laterBytes } = value;
  return {
    cpus: units,
    ...(populatedBytes === undefined ? {} : { bytes: populatedBytes }),
    ...(bootBytes === undefined ? {} : { bootBytes }),
    laterBytes,
    chunks: value.chunks.map((chunk) => ({
      address: spell(chunk.address),
      base: spell(chunk.base),
      kind: kindOf(chunk),
      bytes: chunk.bytes,
      populatedBytes: chunk.populatedBytes,
      freeBytes: chunk.freeBytes,
    })),
    ...(areas ? { areas } : {}),
    problems,
  };
}

const kindOf = ({ isFirst, isReserved }: PercpuChunk): CorePercpu['chunks'][number]['kind'] =>
  isFirst ? 'first' : isReserved ? 'reserved' : 'later';

function areasOf({ chunks, units }: PercpuMemory): readonly PercpuAreas[] | undefined {
  if (chunks.every(({ areas }) => areas === undefined)) return undefined;
  const counts = new Map<number, number>();
  for (const { areas } of chunks)
    for (const [size, n] of areas ? areaSizes(areas) : []) counts.set(size, (counts.get(size) ?? 0) + n);
  return [...counts]
    .map(([size, count]) => ({ size, count, bytes: size * count * units }))
    .toSorted((a, b) => b.bytes - a.bytes);
}
