import { BLOCK } from './names.ts';

/** A block of 256 names takes at least 2 bytes each (a length, one token), and hardly ever more than this. */
const SMALLEST_STEP = 2 * BLOCK;
const LARGEST_STEP = 128 * BLOCK;

export interface Markers {
  /** In bytes from the start of what was searched. */
  readonly offset: number;
  readonly values: Uint32Array;
}

/**
 * `kallsyms_markers` in the bytes from the names on to the next table: nothing says where they are, but 0 followed by
 * `least` or more offsets that rise in steps of 256 names stands nowhere else. They were 8 bytes wide before 4.20
 * (80ffbaa5b1bd), 4 since. The last such run is taken, since the markers follow the names.
 */
export function findMarkers(bytes: DataView, least: number): Markers | undefined {
  for (let offset = (bytes.byteLength - 8) & ~3; offset >= 0; offset -= 4) {
    if (bytes.getUint32(offset, true) !== 0) continue;
    const values =
      offset % 8 === 0 ? (readRun(bytes, offset, 4) ?? readRun(bytes, offset, 8)) : readRun(bytes, offset, 4);
    if (values !== undefined && values.length >= least) return { offset, values };
  }
  return undefined;
}

function readRun(bytes: DataView, start: number, width: 4 | 8): Uint32Array | undefined {
  const values: number[] = [0];
  for (let offset = start + width, last = 0; offset + width <= bytes.byteLength; offset += width) {
    const value = bytes.getUint32(offset, true);
    const high = width === 8 ? bytes.getUint32(offset + 4, true) : 0;
    if (high !== 0 || value < last + SMALLEST_STEP || value > last + LARGEST_STEP) break;
    values.push(value);
    last = value;
  }
  return values.length > 1 ? Uint32Array.from(values) : undefined;
}
