import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { SymbolTable } from './symbol-table.ts';

/** magic u16, version u8, flags u8 of struct btf_header, as one little-endian word. */
const MAGIC_WORD = 0x0001eb9f;
/** hdr_len, type_off, type_len, str_off, str_len behind it. */
const HEADER = 24;
/** With the layout section of 2026. */
const LONGEST_HEADER = 64;
/** A kernel has some thousand types; what is shorter is part of a test or chance. */
const FEWEST_BYTES = 65_536;
const MOST_BTF = 2 ** 28;
/** The image, from its first instruction on. */
const MOST_IMAGE = 2 ** 28;
const CHUNK = 2 ** 20;
/** Pages that are not mapped for so long end the image. */
const LONGEST_GAP = 2 ** 24;

/** Bytes of types in the kernel's image, with the address where they begin. */
export interface FoundBtf {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/**
 * Finds the kernel's types in its image by how they begin, for kernels whose symbols have no data (no CONFIG_KALLSYMS_ALL, the
 * rule on Debian's arm64) and so no __start_BTF. The longest that claims to be whole is taken.
 */
export function findBtf(memory: KernelMemory, symbols: SymbolTable): FoundBtf | undefined {
  const start = symbols.find('_text') ?? symbols.find('_stext');
  if (start === undefined) return undefined;
  let best: { address: bigint; length: number } | undefined;
  let gap = 0;
  for (let at = start; at < start + BigInt(MOST_IMAGE) && gap < LONGEST_GAP; at += BigInt(CHUNK)) {
    const bytes = memory.tryRead(at, CHUNK);
    gap = bytes ? 0 : gap + CHUNK;
    for (const offset of bytes ? beginnings(bytes) : inPages(memory, at)) {
      const length = lengthAt(memory, at + BigInt(offset));
      if (length !== undefined && length > (best?.length ?? 0)) best = { address: at + BigInt(offset), length };
    }
  }
  const bytes = best && memory.tryRead(best.address, best.length);
  return best && bytes ? { address: best.address, bytes } : undefined;
}

/** Where the word stands in a chunk of which every page is there; types are aligned to four bytes. */
function* beginnings(bytes: Uint8Array): Generator<number> {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  for (let i = words.indexOf(MAGIC_WORD); i >= 0; i = words.indexOf(MAGIC_WORD, i + 1)) yield i * 4;
}

/** The same page by page, where some are missing. */
function* inPages(memory: KernelMemory, from: bigint): Generator<number> {
  for (let at = 0; at < CHUNK; at += memory.pageSize) {
    const bytes = memory.tryRead(from + BigInt(at), memory.pageSize);
    for (const offset of bytes ? beginnings(bytes) : []) yield at + offset;
  }
}

/** How long it claims to be; undefined where that cannot be. */
function lengthAt(memory: KernelMemory, address: bigint): number | undefined {
  const header = memory.tryRead(address, HEADER);
  if (!header) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, HEADER);
  const own = view.getUint32(4, true);
  const stringsAt = own + view.getUint32(16, true);
  const length = stringsAt + view.getUint32(20, true);
  const isHeader = own >= HEADER && own <= LONGEST_HEADER && own % 4 === 0;
  if (!isHeader || !areInOrder(view) || length < FEWEST_BYTES || length > MOST_BTF) return undefined;
  const first = memory.tryRead(address + BigInt(stringsAt), 1);
  return first?.[0] === 0 ? length : undefined;
}

/** Types come first, then strings, the first of which is empty. */
function areInOrder(view: DataView): boolean {
  const [typesAt, types, stringsAt] = [view.getUint32(8, true), view.getUint32(12, true), view.getUint32(16, true)];
  return typesAt === 0 && types % 4 === 0 && stringsAt >= types;
}
