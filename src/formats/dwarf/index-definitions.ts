import type { Problem } from '../../base/errors.ts';
import { isForeignLanguage, SLOT, TAG } from './codes.ts';
import { type DefinedKind, Definitions } from './definitions.ts';
import type { DieReader } from './die-reader.ts';
import { placeOfName } from './names.ts';
import type { DwarfSections } from './sections.ts';
import type { UnitStore } from './unit-store.ts';

const KINDS: Readonly<Partial<Record<number, DefinedKind>>> = {
  [TAG.structure]: 'struct',
  [TAG.union]: 'union',
  [TAG.enumeration]: 'enum',
  [TAG.typedef]: 'typedef',
  [TAG.base]: 'int',
  [TAG.subprogram]: 'function',
  [TAG.variable]: 'variable',
};

/** One pass over what stands at the top of each unit: bodies of functions and members of structs are stepped over. */
export function indexDefinitions(
  store: UnitStore,
  sections: DwarfSections,
): { readonly definitions: Definitions; readonly problems: readonly Problem[] } {
  const definitions = new Definitions(sections.strings);
  let damaged = 0;
  let buffer = new Uint8Array(1024 * 1024);
  for (const unit of store.units) {
    const length = unit.end - unit.offset;
    if (length > buffer.length) buffer = new Uint8Array(length);
    const die = store.open(unit, buffer);
    if (die.tag !== 0 && !isForeignLanguage(die.value(SLOT.language))) indexUnit(die, sections, definitions);
    if (die.isDamaged) damaged++;
  }
  if (damaged === 0) return { definitions, problems: [] };
  const problem = `${damaged} of ${store.units.length} units have entries that cannot be read; what follows those is left out`;
  return {
    definitions,
    problems: [{ problem, at: { kind: 'bytes', file: sections.info.name, offset: 0, length: sections.info.size } }],
  };
}

/** `die` has read the entry of the unit. */
function indexUnit(die: DieReader, sections: DwarfSections, definitions: Definitions): void {
  const { end } = die.unit;
  if (!die.hasChildren) return;
  for (let at = die.next; at < end;) {
    if (!die.read(at)) return;
    at = indexEntry(die, sections, definitions);
  }
}

/** Returns where the sibling begins. */
function indexEntry(die: DieReader, sections: DwarfSections, definitions: Definitions): number {
  const kind = KINDS[die.tag];
  if (kind === undefined) return die.skipChildren();
  if (kind === 'enum') return indexEnum(die, sections, definitions);
  const { offset } = die;
  const name = placeOfName(die, sections);
  if (kind === 'variable' && name === undefined) return indexSpecified(die, sections, definitions);
  if (name !== undefined) {
    if (!die.has(SLOT.declaration)) definitions.add(kind, name, offset);
    else if (kind === 'function' || kind === 'variable') definitions.add(`declared-${kind}`, name, offset);
  }
  return die.skipChildren();
}

/** A variable that a header declares before it is defined: the name stands in the declaration. */
function indexSpecified(die: DieReader, sections: DwarfSections, definitions: Definitions): number {
  const { offset } = die;
  const declaration = die.value(SLOT.specification);
  const sibling = die.skipChildren();
  if (declaration <= die.unit.offset || declaration >= die.unit.end || !die.read(declaration)) return sibling;
  const name = placeOfName(die, sections);
  if (name !== undefined) definitions.add('variable', name, offset);
  return sibling;
}

/** Constants are found by name too. Enums without a name come again in each unit: the first constant tells that. */
function indexEnum(die: DieReader, sections: DwarfSections, definitions: Definitions): number {
  const { offset } = die;
  const name = placeOfName(die, sections);
  const isKnown = name !== undefined && (die.has(SLOT.declaration) || !definitions.add('enum', name, offset));
  if (isKnown || !die.hasChildren) return die.skipChildren();
  const sibling = die.value(SLOT.sibling);
  let at = die.next;
  for (let first = true; at < die.unit.end && die.read(at); first = false) {
    at = die.skipChildren();
    const constant = die.tag === TAG.enumerator ? placeOfName(die, sections) : undefined;
    if (constant === undefined) continue;
    const isNew = definitions.add('constant', constant, die.offset);
    if (first && !isNew && name === undefined && sibling > offset && sibling <= die.unit.end) return sibling;
  }
  return die.next;
}
