import type { EnumValue, TypeId, TypeMember, TypeNode, TypeParameter } from '../../base/type-graph.ts';
import { SLOT, TAG } from './codes.ts';
import type { DieReader } from './die-reader.ts';
import { nameOfDie } from './names.ts';
import type { DwarfSections } from './sections.ts';

/** What decoding an entry needs besides it. */
export interface DieContext {
  readonly sections: DwarfSections;
  /** Bytes of a type; undefined where it does not say. */
  readonly sizeOf: (type: TypeId) => number | undefined;
  /** Gives the rest of an array of several dimensions an id. */
  readonly innerArray: (at: number, node: TypeNode) => TypeId;
  /** Name and type of the declaration that a definition goes on from. */
  readonly declared: (offset: number) => { readonly name: string; readonly type: TypeId };
}

const DW_ATE_BOOLEAN = 2;
const DW_ATE_FLOAT = 4;
const DW_ATE_SIGNED = 5;
const DW_ATE_SIGNED_CHAR = 6;

/** The type at the entry that was read last. The prototype of a function has the negative of its id. */
export function decodeDie(die: DieReader, context: DieContext): TypeNode {
  const name = nameOfDie(die, context.sections);
  const type = die.value(SLOT.type);
  switch (die.tag) {
    case TAG.base:
      return decodeBase(die, name);
    case TAG.pointer:
      return { kind: 'pointer', to: type };
    case TAG.array:
      return decodeArray(die, context);
    case TAG.structure:
    case TAG.union:
      return decodeStruct(die, name, context);
    case TAG.enumeration:
      return decodeEnum(die, name, context);
    case TAG.subroutine:
      return decodePrototype(die, context.sections);
    case TAG.subprogram:
      return { kind: 'function', name, prototype: -die.offset };
    case TAG.variable:
      return decodeVariable(die, name, context);
    case TAG.unspecified:
      return { kind: 'void' };
    default:
      return decodeModifier(die.tag, name, type);
  }
}

const MODIFIERS: Readonly<Partial<Record<number, 'typedef' | 'const' | 'volatile' | 'restrict' | 'tag'>>> = {
  [TAG.typedef]: 'typedef',
  [TAG.const]: 'const',
  [TAG.volatile]: 'volatile',
  [TAG.restrict]: 'restrict',
  [TAG.atomic]: 'tag',
};

function decodeModifier(tag: number, name: string, to: TypeId): TypeNode {
  const kind = MODIFIERS[tag];
  return kind === undefined ? { kind: 'other' } : { kind, name, to };
}

function decodeBase(die: DieReader, name: string): TypeNode {
  const size = die.value(SLOT.byteSize);
  const encoding = die.value(SLOT.encoding);
  if (encoding === DW_ATE_FLOAT) return { kind: 'float', name, size };
  if (encoding === DW_ATE_BOOLEAN) return { kind: 'int', name, size, encoding: 'bool' };
  if (name === 'char') return { kind: 'int', name, size, encoding: 'char' };
  const isSigned = encoding === DW_ATE_SIGNED || encoding === DW_ATE_SIGNED_CHAR;
  return { kind: 'int', name, size, encoding: isSigned ? 'signed' : 'unsigned' };
}

/** The offsets of the children of the last entry, whose tag is one of `tags`. */
function* children(die: DieReader, ...tags: readonly number[]): Generator<void> {
  if (!die.hasChildren) return;
  const { end } = die.unit;
  for (let at = die.next; at < end && die.read(at);) {
    const { offset } = die;
    if (tags.includes(die.tag)) {
      yield;
      // The reader may have been used for another entry in between.
      if (die.offset !== offset) die.read(offset);
    }
    at = die.skipChildren();
  }
}

function decodeStruct(die: DieReader, name: string, context: DieContext): TypeNode {
  const kind = die.tag === TAG.union ? 'union' : 'struct';
  if (die.has(SLOT.declaration)) return { kind: 'forward', name, of: kind };
  const size = die.value(SLOT.byteSize);
  const members: TypeMember[] = [];
  for (const _ of children(die, TAG.member)) members.push(decodeMember(die, context));
  return { kind, name, size, members };
}

function decodeMember(die: DieReader, { sections, sizeOf }: DieContext): TypeMember {
  const name = nameOfDie(die, sections);
  const type = die.value(SLOT.type);
  const bitSize = die.value(SLOT.bitSize);
  const place = die.value(SLOT.memberLocation);
  const start = (Number.isNaN(place) ? 0 : place) * 8;
  if (bitSize === 0) return { name, type, bitOffset: start };
  if (die.has(SLOT.dataBitOffset)) return { name, type, bitSize, bitOffset: die.value(SLOT.dataBitOffset) };
  if (!die.has(SLOT.bitOffset)) return { name, type, bitSize, bitOffset: start };
  // Until DWARF 3 bits were counted from the highest of the storage unit, as on big-endian machines.
  const fromHighest = die.value(SLOT.bitOffset);
  const storage = die.has(SLOT.byteSize) ? die.value(SLOT.byteSize) : (sizeOf(type) ?? 0);
  return { name, type, bitSize, bitOffset: start + storage * 8 - fromHighest - bitSize };
}

/** One entry has all dimensions; the graph has an array of arrays. */
function decodeArray(die: DieReader, { innerArray }: DieContext): TypeNode {
  const element = die.value(SLOT.type);
  const dimensions: { readonly count: number; readonly at: number }[] = [];
  for (const _ of children(die, TAG.subrange)) dimensions.push({ count: elementCount(die), at: die.offset });
  let node: TypeNode = { kind: 'array', of: element, count: dimensions.at(-1)?.count ?? 0 };
  for (let i = dimensions.length - 2; i >= 0; i--) {
    const { at = 0 } = dimensions[i + 1] ?? {};
    node = { kind: 'array', of: innerArray(at, node), count: dimensions[i]?.count ?? 0 };
  }
  return node;
}

/** 0 for an array without a length: no bound, an expression, or minus one. */
function elementCount(die: DieReader): number {
  if (die.has(SLOT.count)) return die.value(SLOT.count) || 0;
  if (!die.has(SLOT.upperBound)) return 0;
  const bound = die.value(SLOT.upperBound);
  return bound >= 0 && bound < 0xffffffff ? bound + 1 : 0;
}

function decodeEnum(die: DieReader, name: string, { sections, sizeOf }: DieContext): TypeNode {
  if (die.has(SLOT.declaration)) return { kind: 'forward', name, of: 'enum' };
  const stated = die.value(SLOT.byteSize);
  const type = die.value(SLOT.type);
  const values: EnumValue[] = [];
  for (const _ of children(die, TAG.enumerator)) {
    const value = die.constant(SLOT.constValue);
    if (value !== undefined) values.push({ name: nameOfDie(die, sections), value });
  }
  return { kind: 'enum', name, size: stated || (sizeOf(type) ?? 4), values };
}

/** Return type and parameters of a subroutine type, or of a function. */
export function decodePrototype(die: DieReader, sections: DwarfSections): TypeNode {
  const returns = die.value(SLOT.type);
  const parameters: TypeParameter[] = [];
  let variadic = false;
  for (const _ of children(die, TAG.formalParameter, TAG.unspecifiedParameters)) {
    if (die.tag === TAG.unspecifiedParameters) variadic = true;
    else parameters.push({ name: nameOfDie(die, sections), type: die.value(SLOT.type) });
  }
  return { kind: 'prototype', returns, parameters, variadic };
}

function decodeVariable(die: DieReader, name: string, { declared }: DieContext): TypeNode {
  const type = die.value(SLOT.type);
  if (!die.has(SLOT.specification)) return { kind: 'variable', name, type };
  const declaration = declared(die.value(SLOT.specification));
  return { kind: 'variable', name: name || declaration.name, type: type || declaration.type };
}
