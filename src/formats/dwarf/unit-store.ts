import type { AbbreviationTables } from './abbreviations.ts';
import { SLOT } from './codes.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfSections } from './sections.ts';
import type { Unit } from './units.ts';

/** Bytes of units that are kept for decoding; a unit of the kernel has 65 kB, one of a linked-time build all of it. */
const MOST_KEPT = 32 * 1024 * 1024;

/** Units of .debug_info, read when they are needed. */
export class UnitStore {
  readonly units: readonly Unit[];
  readonly #sections: DwarfSections;
  readonly #tables: AbbreviationTables;
  readonly #kept = new Map<Unit, DieReader>();
  #keptBytes = 0;

  constructor(units: readonly Unit[], sections: DwarfSections, tables: AbbreviationTables) {
    this.units = units;
    this.#sections = sections;
    this.#tables = tables;
  }

  /** The unit that an offset lies in, ready to read there. */
  at(offset: number): DieReader | undefined {
    const unit = this.#unitAt(offset);
    if (unit === undefined) return undefined;
    const known = this.#kept.get(unit);
    if (known) {
      // To the end, so that the one that was not used for longest is the first.
      this.#kept.delete(unit);
      this.#kept.set(unit, known);
      return known;
    }
    const die = this.open(unit, new Uint8Array(unit.end - unit.offset));
    this.#kept.set(unit, die);
    this.#keptBytes += die.bytes.length;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= MOST_KEPT || oldest === unit) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes.length;
    }
    return die;
  }

  /** Reads a unit into `buffer`, which has to be long enough. */
  open(unit: Unit, buffer: Uint8Array): DieReader {
    const length = unit.end - unit.offset;
    const bytes = buffer.subarray(0, this.#sections.info.read(unit.offset, buffer.subarray(0, length)));
    const die = new DieReader(unit, bytes, this.#tables.at(unit.abbreviations));
    // The entry of the unit itself says where its names by index are.
    if (die.read(unit.root) && die.has(SLOT.stringOffsetsBase))
      die.stringOffsetsBase = die.value(SLOT.stringOffsetsBase);
    return die;
  }

  #unitAt(offset: number): Unit | undefined {
    let low = 0;
    let high = this.units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.units[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = this.units[low];
    return unit !== undefined && offset >= unit.root ? unit : undefined;
  }
}
