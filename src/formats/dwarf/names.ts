import { nameAt } from '../../base/name-hash.ts';
import { readUnsigned } from './bytes.ts';
import { FORM, SLOT } from './codes.ts';
import type { NamePlace } from './definitions.ts';
import type { DieReader } from './die-reader.ts';
import type { DwarfSections } from './sections.ts';

/** Where the name of the last entry stands; undefined where it has none, or one in another file. */
export function placeOfName(die: DieReader, sections: DwarfSections): NamePlace | undefined {
  const form = die.form(SLOT.name);
  const value = die.value(SLOT.name);
  if (form === FORM.strp) return { bytes: sections.strings, offset: value };
  if (form === FORM.string) return { bytes: die.bytes, offset: value };
  if (form === FORM.lineStrp) return { bytes: sections.lineStrings, offset: value };
  if (form !== FORM.strx && (form < FORM.strx1 || form > FORM.strx4)) return undefined;
  const { offsetSize } = die.unit;
  const at = die.stringOffsetsBase + value * offsetSize;
  return { bytes: sections.strings, offset: readUnsigned(sections.stringOffsets, at, offsetSize) };
}

/** Empty for an entry without a name. */
export function nameOfDie(die: DieReader, sections: DwarfSections): string {
  const place = placeOfName(die, sections);
  return place === undefined ? '' : nameAt(place.bytes, place.offset);
}
