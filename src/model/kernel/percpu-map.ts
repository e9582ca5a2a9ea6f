/** Sizes of areas handed out in a chunk of per-CPU memory, in bytes a CPU, and how many there are of each. */
export type AreaSizes = ReadonlyMap<number, number>;

/** Bytes that one bit of a chunk's maps stands for: PCPU_MIN_ALLOC_SIZE. */
const GRAINS = [4, 8] as const;

export interface ChunkMaps {
  /** A bit is set where memory is in use. */
  readonly used: Uint8Array;
  /** A bit is set where an area begins. */
  readonly bounds: Uint8Array;
  /** Bytes of the chunk for one CPU. */
  readonly bytes: number;
  readonly freeBytes: number;
  /** Bytes hidden from the allocator at either end of the first chunk; its maps have them as in use. */
  readonly hiddenStart: number;
  readonly hiddenEnd: number;
}

/** Bytes that the maps must hold, whatever a bit of theirs stands for. */
export const mapBytes = (chunkBytes: number): number => Math.ceil(chunkBytes / GRAINS[0] / 8);

/** Areas in use, in the order of memory: where each begins in the chunk and where it ends, in bytes. */
export interface ChunkAreas {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Reads the areas out of the maps (since 4.14, commit 40064aeca35c). What a bit stands for is in no type: it is what makes
 * the clear bits add up to the chunk's own count of free bytes. Undefined where nothing does: the maps are torn.
 */
export function chunkAreas(maps: ChunkMaps): ChunkAreas | undefined {
  for (const grain of GRAINS) {
    const bits = maps.bytes / grain;
    if (bits <= maps.used.length * 8 && clearBits(maps.used, bits) * grain === maps.freeBytes)
      return collect(maps, grain);
  }
  return undefined;
}

/** How many there are of each size. */
export function areaSizes({ starts, ends }: ChunkAreas): AreaSizes {
  const sizes = new Map<number, number>();
  for (const [i, start] of starts.entries()) {
    const size = (ends[i] ?? 0) - start;
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  return sizes;
}

function collect({ used, bounds, bytes, hiddenStart, hiddenEnd }: ChunkMaps, grain: number): ChunkAreas {
  const starts: number[] = [];
  const ends: number[] = [];
  const [first, last] = [hiddenStart / grain, (bytes - hiddenEnd) / grain];
  let start = first;
  for (let bit = first + 1; bit <= last; bit++) {
    if (bit < last && !isSet(bounds, bit)) continue;
    if (isSet(used, start)) {
      starts.push(start * grain);
      ends.push(bit * grain);
    }
    start = bit;
  }
  return { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

const isSet = (map: Uint8Array, bit: number): boolean => (((map[bit >>> 3] ?? 0) >>> (bit & 7)) & 1) === 1;

function clearBits(map: Uint8Array, bits: number): number {
  let clear = 0;
  for (let bit = 0; bit < bits; bit++) if (!isSet(map, bit)) clear++;
  return clear;
}
