const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeName = (name: string): Uint8Array => encoder.encode(name);

/** The text that begins at an offset, up to a NUL or the end. */
export function nameAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return decoder.decode(bytes.subarray(offset, end < 0 ? bytes.length : end));
}

/** Whether that text is `name`. */
export function isNameAt(bytes: Uint8Array, offset: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[offset + i] !== name[i]) return false;
  return (bytes[offset + name.length] ?? 0) === 0;
}

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the bytes up to a NUL or the end, 32 bits. */
export function hashNameAt(bytes: Uint8Array, offset: number): number {
  let hash = FNV_BASIS;
  for (let i = offset; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return hash >>> 0;
}
