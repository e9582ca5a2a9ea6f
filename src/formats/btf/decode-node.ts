import type { EnumValue, TypeMember, TypeNode, TypeParameter } from '../../base/type-graph.ts';
import { countOf, flagOf, KIND, kindOf, RECORD_WORDS } from './kinds.ts';
import type { StringTable } from './string-table.ts';

/** What decoding a record needs besides its words. */
export interface NodeContext {
  readonly types: Uint32Array;
  readonly strings: StringTable;
  readonly enumsTellSign: boolean;
  /** Width in bits and offset of an int that is narrower than its storage; undefined for everything else. */
  readonly narrowInt: (id: number) => { readonly bits: number; readonly offset: number } | undefined;
}

const INT_SIGNED = 1;
const INT_BOOL = 4;

/** The record that begins at word `at`. */
export function decodeNode(context: NodeContext, at: number): TypeNode {
  const { types, strings } = context;
  const word = (i: number): number => types[at + i] ?? 0;
  const info = word(1);
  const name = strings.text(word(0));
  switch (kindOf(info)) {
    case KIND.int:
      return { kind: 'int', name, size: word(2), encoding: intEncoding(name, word(3) >>> 24) };
    case KIND.pointer:
      return { kind: 'pointer', to: word(2) };
    case KIND.array:
      return { kind: 'array', of: word(3), count: word(5) };
    case KIND.struct:
      return { kind: 'struct', name, size: word(2), members: decodeMembers(context, at) };
    case KIND.union:
      return { kind: 'union', name, size: word(2), members: decodeMembers(context, at) };
    case KIND.enum:
    case KIND.enum64:
      if (countOf(info) === 0) return { kind: 'forward', name, of: 'enum' };
      return { kind: 'enum', name, size: word(2), values: decodeEnumValues(context, at) };
    case KIND.forward:
      return { kind: 'forward', name, of: flagOf(info) ? 'union' : 'struct' };
    case KIND.float:
      return { kind: 'float', name, size: word(2) };
    case KIND.function:
      return { kind: 'function', name, prototype: word(2) };
    case KIND.prototype:
      return decodePrototype(context, at);
    case KIND.variable:
      return { kind: 'variable', name, type: word(2) };
    default:
      return decodeModifier(kindOf(info), name, word(2));
  }
}

const MODIFIERS: Readonly<Partial<Record<number, 'typedef' | 'const' | 'volatile' | 'restrict' | 'tag'>>> = {
  [KIND.typedef]: 'typedef',
  [KIND.const]: 'const',
  [KIND.volatile]: 'volatile',
  [KIND.restrict]: 'restrict',
  [KIND.typeTag]: 'tag',
};

function decodeModifier(kind: number, name: string, to: number): TypeNode {
  const modifier = MODIFIERS[kind];
  return modifier === undefined ? { kind: 'other' } : { kind: modifier, name, to };
}

/**
 * Names tell more than flags: writers never set the one for char, and older ones did not set the one for signed on
 * `signed char` (Debian's 5.10).
 */
function intEncoding(name: string, flags: number): 'unsigned' | 'signed' | 'char' | 'bool' {
  if (flags & INT_BOOL) return 'bool';
  if (name === 'char') return 'char';
  return flags & INT_SIGNED || name === 'signed char' ? 'signed' : 'unsigned';
}

function decodeMembers({ types, strings, narrowInt }: NodeContext, at: number): readonly TypeMember[] {
  const info = types[at + 1] ?? 0;
  // Since v5.0 (commit 9d5f9f701b18) the flag says that widths stand in the member; before, in its type.
  const widths = flagOf(info);
  return Array.from({ length: countOf(info) }, (_, i) => {
    const part = at + RECORD_WORDS + 3 * i;
    const name = strings.text(types[part] ?? 0);
    const type = types[part + 1] ?? 0;
    const offset = types[part + 2] ?? 0;
    if (widths) {
      const bitSize = offset >>> 24;
      const bitOffset = offset & 0xffffff;
      return bitSize === 0 ? { name, bitOffset, type } : { name, bitOffset, bitSize, type };
    }
    const narrow = narrowInt(type);
    return narrow
      ? { name, bitOffset: offset + narrow.offset, bitSize: narrow.bits, type }
      : { name, bitOffset: offset, type };
  });
}

function decodeEnumValues({ types, strings, enumsTellSign }: NodeContext, at: number): readonly EnumValue[] {
  const info = types[at + 1] ?? 0;
  return Array.from({ length: countOf(info) }, (_, i) => enumValue(types, strings, at, i, enumsTellSign));
}

function enumValue(types: Uint32Array, strings: StringTable, at: number, i: number, tellSign: boolean): EnumValue {
  const part = enumPart(types, at, i);
  return { name: strings.text(types[part] ?? 0), value: enumNumber(types, at, i, tellSign) };
}

/** The word at which the `i`th constant of the enumeration at word `at` begins. */
export const enumPart = (types: Uint32Array, at: number, i: number): number =>
  at + RECORD_WORDS + (kindOf(types[at + 1] ?? 0) === KIND.enum64 ? 3 : 2) * i;

/** The value of the `i`th constant of the enumeration at word `at`. */
export function enumNumber(types: Uint32Array, at: number, i: number, tellSign: boolean): bigint {
  const info = types[at + 1] ?? 0;
  const part = enumPart(types, at, i);
  const signed = flagOf(info) || !tellSign;
  const low = BigInt(types[part + 1] ?? 0);
  if (kindOf(info) === KIND.enum) return signed ? BigInt.asIntN(32, low) : low;
  const value = (BigInt(types[part + 2] ?? 0) << 32n) | low;
  return signed ? BigInt.asIntN(64, value) : value;
}

/** The last parameter of a variadic function has neither name nor type. */
function decodePrototype({ types, strings }: NodeContext, at: number): TypeNode {
  const count = countOf(types[at + 1] ?? 0);
  const parameters: TypeParameter[] = [];
  for (let i = 0; i < count; i++) {
    const part = at + RECORD_WORDS + 2 * i;
    parameters.push({ name: strings.text(types[part] ?? 0), type: types[part + 1] ?? 0 });
  }
  const last = parameters.at(-1);
  const variadic = last?.type === 0 && last.name === '';
  if (variadic) parameters.pop();
  return { kind: 'prototype', returns: types[at + 2] ?? 0, parameters, variadic };
}
