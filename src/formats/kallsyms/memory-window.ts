/** Reads kernel memory: exactly `length` bytes, or undefined where one of them is not to be had. */
export type ReadMemory = (address: bigint, length: number) => Uint8Array | undefined;

/** A stretch of kernel memory; `missing` are the parts (from, to) that could not be read, which are zeros in `bytes`. */
export interface MemoryWindow {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly missing: readonly (readonly [from: number, to: number])[];
}

const PIECE = 1 << 20;
/** Smallest page of any machine that is read; larger ones are whole multiples. */
const PAGE = 4096;

/** In large pieces, and page by page where a piece has holes. `length` is the caller's to bound. */
export function readWindow(read: ReadMemory, address: bigint, length: number): MemoryWindow {
  const whole = length <= PIECE ? read(address, length) : undefined;
  if (whole !== undefined) return { address, bytes: whole, missing: [] };
  const bytes = new Uint8Array(length);
  const missing: [number, number][] = [];
  const note = (from: number, to: number): void => {
    const last = missing.at(-1);
    if (last?.[1] === from) last[1] = to;
    else missing.push([from, to]);
  };
  for (let from = 0; from < length; from += PIECE)
    fill(read, address, bytes, from, Math.min(PIECE, length - from), note);
  return { address, bytes, missing };
}

function fill(
  read: ReadMemory,
  address: bigint,
  bytes: Uint8Array,
  start: number,
  length: number,
  note: (from: number, to: number) => void,
): void {
  const piece = read(address + BigInt(start), length);
  if (piece !== undefined) {
    bytes.set(piece, start);
    return;
  }
  for (let from = start; from < start + length;) {
    const at = address + BigInt(from);
    const to = Math.min(start + length, from + PAGE - Number(at & BigInt(PAGE - 1)));
    const page = read(at, to - from);
    if (page === undefined) note(from, to);
    else bytes.set(page, from);
    from = to;
  }
}

/** A view for numbers of `bytes`, wherever they lie in their buffer. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
