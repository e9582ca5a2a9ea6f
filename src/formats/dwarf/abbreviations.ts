import { readUleb, skipLeb } from './bytes.ts';
import { FORM, slotOf } from './codes.ts';

/** What entries of a unit look like, by their code. */
export interface Abbreviations {
  /** Where the shape of a code begins in `shapes`; 0 is none. */
  readonly starts: readonly number[];
  /** Flat, for each code: tag, children (1 or 0), number of attributes; of each attribute: form, slot, implicit value. */
  readonly shapes: readonly number[];
}

/** Compilers number from 1 on without gaps; a table of 1,000 is a long one. */
const HIGHEST_CODE = 1 << 20;
const NONE: Abbreviations = { starts: [], shapes: [0] };
const KEPT = 16;

/** Tables of .debug_abbrev, decoded when a unit needs them. */
export class AbbreviationTables {
  readonly #bytes: Uint8Array;
  readonly #kept = new Map<number, Abbreviations>();
  /** Bytes that may still be decoded: a damaged file could have every unit begin anywhere in one endless table. */
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#budget = bytes.length * 8 + (1 << 20);
  }

  at(offset: number): Abbreviations {
    const known = this.#kept.get(offset);
    if (known) return known;
    const table = this.#decode(offset);
    for (const oldest of this.#kept.keys()) if (this.#kept.size >= KEPT) this.#kept.delete(oldest);
    this.#kept.set(offset, table);
    return table;
  }

  #decode(offset: number): Abbreviations {
    if (this.#budget < 0) return NONE;
    const bytes = this.#bytes;
    const starts: number[] = [];
    const shapes: number[] = [0];
    let at = offset;
    const uleb = (): number => {
      const value = readUleb(bytes, at);
      at = skipLeb(bytes, at);
      return value;
    };
    while (at < bytes.length) {
      const code = uleb();
      if (code === 0 || code > HIGHEST_CODE) break;
      starts[code] ??= shapes.length;
      shapes.push(uleb(), bytes[at++] ?? 0, 0);
      const count = shapes.length - 1;
      for (let attributes = 0; at < bytes.length; attributes++) {
        const attribute = uleb();
        const form = uleb();
        // The value of DW_FORM_implicit_const stands here, signed.
        const implicit = form === FORM.implicitConst ? readSleb(bytes, at) : 0;
        if (form === FORM.implicitConst) at = skipLeb(bytes, at);
        shapes[count] = attributes;
        if (attribute === 0 && form === 0) break;
        shapes.push(form, slotOf(attribute), implicit);
      }
    }
    this.#budget -= at - offset;
    return { starts, shapes };
  }
}

function readSleb(bytes: Uint8Array, at: number): number {
  const bits = 7 * (skipLeb(bytes, at) - at);
  const value = readUleb(bytes, at);
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}
