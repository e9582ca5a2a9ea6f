/** Names by offset. A split table goes on where that of its base ends. */
export interface StringTable {
  /** One beyond the last offset. */
  readonly end: number;
  /** Empty for offsets that do not exist. */
  text(offset: number): string;
  hash(offset: number): number;
  equals(offset: number, name: Uint8Array): boolean;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const encodeName = (name: string): Uint8Array => encoder.encode(name);

/** FNV-1a over the bytes up to a NUL, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export function hashName(bytes: Uint8Array, from = 0): number {
  let hash = FNV_BASIS;
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return hash >>> 0;
}

export function openStringTable(bytes: Uint8Array, base?: StringTable): StringTable {
  const start = base?.end ?? 0;
  const end = start + bytes.length;
  return {
    end,
    text(offset) {
      if (base && offset < start) return base.text(offset);
      const from = offset - start;
      const to = bytes.indexOf(0, from);
      return decoder.decode(bytes.subarray(from, to < 0 ? bytes.length : to));
    },
    hash: (offset) => (base && offset < start ? base.hash(offset) : hashName(bytes, offset - start)),
    equals(offset, name) {
      if (base && offset < start) return base.equals(offset, name);
      const from = offset - start;
      for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
      return (bytes[from + name.length] ?? 0) === 0;
    },
  };
}
