import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';

/** Bytes of struct makedumpfile_header. */
const HEADER_BYTES = 4096;
const SEGMENT_HEADER_BYTES = 16;
/** Of a dump of 100 GB and more; 24 bytes of memory each. */
const MOST_SEGMENTS = 8_000_000;
const SIGNATURE: Uint8Array = new TextEncoder().encode('makedumpfile\0');

/** The file that a flattened dump unfolds to, read in place. */
export interface Unfolded {
  readonly source: ByteSource;
  readonly problems: readonly Problem[];
}

/** Whether a file begins as makedumpfile -F writes it. */
export const isFlattened = (head: Uint8Array): boolean => SIGNATURE.every((byte, i) => head[i] === byte);

/** Growing columns of numbers: where each segment lies in the dump, how long it is, where in the flattened file. */
interface Segments {
  count: number;
  starts: Float64Array;
  ends: Float64Array;
  places: Float64Array;
}

/**
 * Reads the headers of all segments of a flattened dump (makedumpfile -F, QEMU's dump-guest-memory: a stream of
 * {offset, size, data}, big-endian) and offers what they unfold to. What was written later covers what was written before.
 */
export function unfold(file: ByteSource): Unfolded {
  const { segments, problems } = readSegments(file);
  const map = withoutOverlaps(segments);
  return { source: new UnfoldedSource(file, map), problems };
}

function readSegments(file: ByteSource): { readonly segments: Segments; readonly problems: readonly Problem[] } {
  const segments: Segments = {
    count: 0,
    starts: new Float64Array(1024),
    ends: new Float64Array(1024),
    places: new Float64Array(1024),
  };
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const problem = (what: string, offset: number): Problem => ({
    problem: what,
    at: { kind: 'bytes', file: file.name, offset, length: SEGMENT_HEADER_BYTES },
  });
  for (let at = HEADER_BYTES; ;) {
    if (file.read(at, header) < SEGMENT_HEADER_BYTES)
      return { segments, problems: [problem('ends without the mark of its end: the copy is not whole', at)] };
    const offset = view.getInt32(0) * 2 ** 32 + view.getUint32(4);
    const size = view.getInt32(8) * 2 ** 32 + view.getUint32(12);
    if (offset === -1) return { segments, problems: [] };
    if (offset < 0 || size <= 0 || !Number.isSafeInteger(offset) || size > Number.MAX_SAFE_INTEGER - offset)
      return { segments, problems: [problem('a segment of nonsense; what follows it is not read', at)] };
    if (segments.count === MOST_SEGMENTS)
      return { segments, problems: [problem(`more than ${MOST_SEGMENTS} segments; the rest is not read`, at)] };
    const place = at + SEGMENT_HEADER_BYTES;
    const held = Math.min(size, file.size - place);
    if (held > 0) append(segments, offset, offset + held, place);
    at = place + size;
  }
}

function append(segments: Segments, start: number, end: number, place: number): void {
  const last = segments.count - 1;
  if (last + 1 === segments.starts.length) {
    segments.starts = grown(segments.starts);
    segments.ends = grown(segments.ends);
    segments.places = grown(segments.places);
  }
  segments.starts[last + 1] = start;
  segments.ends[last + 1] = end;
  segments.places[last + 1] = place;
  segments.count++;
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** Segments in order of their start, none over another. */
function withoutOverlaps(segments: Segments): Segments {
  const { count, starts, ends, places } = segments;
  if (starts.subarray(1, count).every((start, before) => start >= (ends[before] ?? 0))) return segments;
  // An array, whose sort is quick where most is in order already; that of typed arrays is not.
  const order = [...starts.subarray(0, count).keys()].sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  const map: Segments = {
    count: 0,
    starts: new Float64Array(Math.max(1, count)),
    ends: new Float64Array(Math.max(1, count)),
    places: new Float64Array(Math.max(1, count)),
  };
  /** Segments that began and have not ended, the latest written first. */
  const open = new LatestFirst();
  let covered = 0;
  const take = (until: number): void => {
    for (let top = open.top(); top !== undefined && covered < until; top = open.top()) {
      const start = starts[top] ?? 0;
      const end = ends[top] ?? 0;
      if (end <= covered) {
        open.pop();
        continue;
      }
      const to = Math.min(end, until);
      append(map, covered, to, (places[top] ?? 0) + (covered - start));
      covered = to;
    }
  };
  for (const index of order) {
    const start = starts[index] ?? 0;
    take(start);
    covered = Math.max(covered, start);
    open.push(index);
  }
  take(Infinity);
  return map;
}

/** A binary heap of segment numbers, largest on top. */
class LatestFirst {
  readonly #heap: number[] = [];

  top(): number | undefined {
    return this.#heap[0];
  }

  push(value: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (above >= value) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = value;
  }

  pop(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if ((heap[child + 1] ?? -1) > (heap[child] ?? -1)) child++;
      const below = heap[child] ?? -1;
      if (below <= moved) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = moved;
  }
}

/** A read ends where nothing was ever written: what it would find there are not the dump's zeros. */
class UnfoldedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #file: ByteSource;
  readonly #map: Segments;
  #last = 0;

  constructor(file: ByteSource, map: Segments) {
    this.#file = file;
    this.#map = map;
    this.name = file.name;
    this.size = map.count === 0 ? 0 : (map.ends[map.count - 1] ?? 0);
  }

  read(offset: number, target: Uint8Array): number {
    const { count, starts, ends, places } = this.#map;
    let done = 0;
    for (let index = this.#find(offset); index < count && done < target.length; index++) {
      const from = offset + done - (starts[index] ?? 0);
      if (from < 0) break;
      const part = Math.min(target.length - done, (ends[index] ?? 0) - offset - done);
      const got = this.#file.read((places[index] ?? 0) + from, target.subarray(done, done + part));
      done += got;
      if (got < part) break;
    }
    return done;
  }

  /** The first segment that ends behind an offset. */
  #find(offset: number): number {
    const { count, ends } = this.#map;
    const last = this.#last;
    if ((ends[last] ?? 0) > offset && (last === 0 || (ends[last - 1] ?? 0) <= offset)) return last;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    this.#last = Math.min(low, Math.max(0, count - 1));
    return low;
  }
}
