import { FormatError, type Parsed } from '../../base/errors.ts';
import type { NamedKind, TypeGraph, TypeId, TypeNode } from '../../base/type-graph.ts';
import { AbbreviationTables } from './abbreviations.ts';
import { SLOT, TAG } from './codes.ts';
import { decodeDie, decodePrototype, type DieContext } from './decode-die.ts';
import { indexDefinitions } from './index-definitions.ts';
import { nameOfDie } from './names.ts';
import type { DwarfSections } from './sections.ts';
import { readUnits } from './units.ts';
import { UnitStore } from './unit-store.ts';

/** Offsets are kept in 32 bits; the largest kernels have a tenth of that. */
const MOST_INFO = 2 ** 32 - 1;
const MOST_STEPS = 32;

/**
 * Types out of DWARF 2 to 5, for kernels without BTF. Opening reads all of .debug_info once, for the names at the top of
 * its units. The id of a type is the offset of its entry; ids of one type differ between units, its name does not.
 * Throws FormatError where there is no unit at all.
 */
export function openDwarf(sections: DwarfSections, source: string): Parsed<TypeGraph> {
  const { info } = sections;
  const at = { kind: 'bytes', file: info.name, offset: 0, length: info.size } as const;
  if (info.size > MOST_INFO) throw new FormatError('DWARF', 'more than 4 GiB of .debug_info are not supported', at);
  const { units, problems } = readUnits(info);
  const [first] = problems;
  if (units.length === 0) throw new FormatError('DWARF', first?.problem ?? '.debug_info has no units', first?.at ?? at);
  const store = new UnitStore(units, sections, new AbbreviationTables(sections.abbreviations));
  const indexed = indexDefinitions(store, sections);
  return {
    value: new DwarfGraph(source, sections, store, indexed.definitions),
    problems: [...problems, ...indexed.problems],
  };
}

type Definitions = ReturnType<typeof indexDefinitions>['definitions'];

class DwarfGraph implements TypeGraph {
  readonly source: string;
  readonly #sections: DwarfSections;
  readonly #store: UnitStore;
  readonly #definitions: Definitions;
  /** What is left of arrays of several dimensions behind the first, by the offset of the entry of the dimension. */
  readonly #innerArrays = new Map<TypeId, TypeNode>();
  readonly #context: DieContext;

  constructor(source: string, sections: DwarfSections, store: UnitStore, definitions: Definitions) {
    this.source = source;
    this.#sections = sections;
    this.#store = store;
    this.#definitions = definitions;
    this.#context = {
      sections,
      sizeOf: (type) => this.#sizeOf(type),
      innerArray: (offset, node) => {
        this.#innerArrays.set(offset, node);
        return offset;
      },
      declared: (offset) => this.#declared(offset),
    };
  }

  get count(): number {
    return this.#definitions.count;
  }

  node(id: TypeId): TypeNode {
    if (id === 0) return { kind: 'void' };
    const inner = this.#innerArrays.get(id);
    if (inner !== undefined) return inner;
    const offset = Math.abs(id);
    const die = this.#store.at(offset);
    if (!die?.read(offset)) return { kind: 'other' };
    if (id > 0) return decodeDie(die, this.#context);
    return die.tag === TAG.subprogram ? decodePrototype(die, this.#sections) : { kind: 'other' };
  }

  find(kind: NamedKind, name: string): TypeId | undefined {
    const found = this.#definitions.find(kind, name);
    if (found !== undefined || (kind !== 'function' && kind !== 'variable')) return found;
    return this.#definitions.find(`declared-${kind}`, name);
  }

  all(kind: NamedKind): readonly TypeId[] {
    return this.#definitions.all(kind);
  }

  constant(name: string): bigint | undefined {
    const offset = this.#definitions.find('constant', name);
    if (offset === undefined) return undefined;
    const die = this.#store.at(offset);
    return die?.read(offset) ? die.constant(SLOT.constValue) : undefined;
  }

  /** Of what a bit field may be of: an int or an enum, under typedefs and qualifiers. */
  #sizeOf(type: TypeId): number | undefined {
    let id = type;
    for (let step = 0; step < MOST_STEPS && id > 0; step++) {
      const die = this.#store.at(id);
      if (!die?.read(id)) return undefined;
      if (die.has(SLOT.byteSize)) return die.value(SLOT.byteSize);
      id = die.value(SLOT.type);
    }
    return undefined;
  }

  #declared(offset: number): { readonly name: string; readonly type: TypeId } {
    const die = this.#store.at(offset);
    return die?.read(offset)
      ? { name: nameOfDie(die, this.#sections), type: die.value(SLOT.type) }
      : { name: '', type: 0 };
  }
}
