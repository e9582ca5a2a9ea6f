/** The names of a symbol table, by index, kept in whatever form they came in: most of them nobody ever asks for. */
export interface NameList {
  readonly count: number;
  /** Empty for an index that does not exist. */
  text(i: number): string;
  /** `hashName` of every name. */
  hashes(): Uint32Array;
}

/** `hashName(a + b)` is `hashName(a) × HASH_FACTOR ** b.length + hashName(b)`, in 32 bits. */
export const HASH_FACTOR = 0x0100_0193;

/** A polynomial over the bytes of a name: names made of pieces are hashed piece by piece. */
export function hashName(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, HASH_FACTOR) + name.charCodeAt(i)) | 0;
  return hash >>> 0;
}

/** Names that stand end to end in `bytes`, ASCII; name i from starts[i] to starts[i + 1]. */
export function namesIn(bytes: Uint8Array, starts: Uint32Array): NameList {
  const count = starts.length - 1;
  return {
    count,
    text: (i) => String.fromCharCode(...bytes.subarray(starts[i] ?? 0, starts[i + 1] ?? 0)),
    hashes() {
      const hashes = new Uint32Array(count);
      for (let i = 0; i < count; i++) {
        let hash = 0;
        const end = starts[i + 1] ?? 0;
        for (let at = starts[i] ?? 0; at < end; at++) hash = (Math.imul(hash, HASH_FACTOR) + (bytes[at] ?? 0)) | 0;
        hashes[i] = hash;
      }
      return hashes;
    },
  };
}

/** Name i of the result is name order[i] of `names`. */
export function namesInOrder(names: NameList, order: Uint32Array): NameList {
  return {
    count: order.length,
    text: (i) => names.text(order[i] ?? -1),
    hashes() {
      const hashes = names.hashes();
      return order.map((from) => hashes[from] ?? 0);
    },
  };
}
