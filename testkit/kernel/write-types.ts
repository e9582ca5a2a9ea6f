import { BtfWriter, type WrittenMember } from '../btf/btf-writer.ts';
import { type MemberType, sizeOf, type StructSpec } from './struct-spec.ts';

/** Constants of enums that have no place in a struct. */
export type Enums = Readonly<Record<string, Readonly<Record<string, number>>>>;

const INTS = { u8: ['unsigned char', 1], u16: ['short unsigned int', 2], u32: ['unsigned int', 4], u64: ['long unsigned int', 8] } as const; // prettier-ignore

/** BTF of these structs, as the kernel holds it. */
export function writeTypes(
  structs: readonly StructSpec[],
  enums: Enums,
  typedefs: Readonly<Record<string, MemberType>> = {},
): Uint8Array {
  const writer = new BtfWriter();
  const known = new Map<unknown, number>();
  const once = (key: unknown, make: () => number): number => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
  const typeOf = (type: MemberType): number => once(type, () => makeType(type));
  const makeType = (type: MemberType): number => {
    if (type === 'ptr') return writer.pointer(0);
    if (type === 'char*') return writer.pointer(writer.modifier('const', writer.int('char', 1, 1)));
    if (type === 'list') return listHead(writer);
    if (typeof type === 'string') return writer.int(INTS[type][0], INTS[type][1]);
    if ('members' in type) return makeStruct(type);
    return 'word' in type ? typeOf('u32') : writer.array(typeOf(type.of), type.count, typeOf('u32'));
  };
  const makeStruct = ({ name, size, members }: StructSpec): number =>
    writer.struct(
      name,
      size,
      Object.entries(members).map(([member, { at, type }]): WrittenMember => {
        const bits = typeof type === 'object' && 'word' in type ? type : undefined;
        const id = typeOf(type);
        return bits
          ? { name: member, type: id, bitOffset: at * 8 + bits.bit, bitSize: bits.bits }
          : { name: member, type: id, bitOffset: at * 8 };
      }),
    );
  for (const struct of structs) typeOf(struct);
  for (const [name, values] of Object.entries(enums)) writer.enum(name, values);
  for (const [name, type] of Object.entries(typedefs)) writer.modifier('typedef', typeOf(type), name);
  return writer.bytes();
}

function listHead(writer: BtfWriter): number {
  const id = writer.nextId;
  writer.struct('list_head', sizeOf('list'), [
    { name: 'next', type: id + 1, bitOffset: 0 },
    { name: 'prev', type: id + 1, bitOffset: 64 },
  ]);
  writer.pointer(id);
  return id;
}
