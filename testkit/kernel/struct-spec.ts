/** What a member is: a number, a pointer, a text in place, a list head, a struct, bits of a word, or an array. */
export type MemberType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'ptr'
  | 'char*'
  | 'list'
  | StructSpec
  | { readonly word: 'u32'; readonly bit: number; readonly bits: number }
  | { readonly of: MemberType; readonly count: number };

export interface MemberSpec {
  readonly at: number;
  readonly type: MemberType;
}

/** A struct as it lies in memory; the same data writes its BTF and its bytes. */
export interface StructSpec {
  readonly name: string;
  readonly size: number;
  readonly members: Readonly<Record<string, MemberSpec>>;
}

const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8, ptr: 8, 'char*': 8, list: 16 } as const;

export const sizeOf = (type: MemberType): number => {
  if (typeof type === 'string') return SIZES[type];
  if ('members' in type) return type.size;
  return 'word' in type ? 4 : type.count * sizeOf(type.of);
};

const alignOf = (type: MemberType): number => {
  if (typeof type === 'string') return Math.min(8, SIZES[type]);
  if ('members' in type) return Math.max(...Object.values(type.members).map((member) => alignOf(member.type)));
  return 'word' in type ? 4 : alignOf(type.of);
};

/** A struct with members at given offsets; members may lie over each other, as in unions. */
export const placed = (
  name: string,
  size: number,
  members: Readonly<Record<string, readonly [number, MemberType]>>,
): StructSpec => ({
  name,
  size,
  members: Object.fromEntries(Object.entries(members).map(([key, [at, type]]) => [key, { at, type }])),
});

/** A struct whose members follow each other as a compiler places them; those without a type are left out. */
export function inOrder(name: string, members: Readonly<Record<string, MemberType | undefined>>): StructSpec {
  const found: Record<string, MemberSpec> = {};
  let end = 0;
  let alignment = 1;
  for (const [key, type] of Object.entries(members)) {
    if (type === undefined) continue;
    const align = alignOf(type);
    const at = Math.ceil(end / align) * align;
    found[key] = { at, type };
    end = at + sizeOf(type);
    alignment = Math.max(alignment, align);
  }
  return { name, size: Math.ceil(end / alignment) * alignment, members: found };
}

/** `memcg_params.root_cache`, `node[1]`; throws where there is none: the caller has asked for a layout without it. */
export function memberOf(spec: StructSpec, path: string): MemberSpec {
  let at: MemberSpec = { at: 0, type: spec };
  for (const [, name, index] of path.matchAll(/\.?(\w+)|\[(\d+)\]/g)) {
    const { type } = at;
    if (typeof type === 'object' && index !== undefined && 'count' in type)
      at = { at: at.at + Number(index) * sizeOf(type.of), type: type.of };
    else if (typeof type === 'object' && index === undefined && 'members' in type) {
      const member = type.members[name ?? ''];
      if (!member) throw new Error(`${spec.name} has no ${path}`);
      at = { at: at.at + member.at, type: member.type };
    } else throw new Error(`${spec.name} has no ${path}`);
  }
  return at;
}

export const hasMember = (spec: StructSpec | undefined, name: string): boolean =>
  spec !== undefined && name in spec.members;

/** Bytes that a value takes, or the bits of a word that it changes. */
export interface Placed {
  readonly at: number;
  readonly size: number;
  /** Of a bit field: which bits of the word, and the value in their place. */
  readonly mask?: number;
  readonly value: bigint;
}

/** Where a number goes. */
export function place(spec: StructSpec, path: string, value: bigint | number | boolean): Placed {
  const { at, type } = memberOf(spec, path);
  const n = BigInt(value);
  if (typeof type === 'string' && type !== 'list') return { at, size: SIZES[type], value: n };
  if (typeof type === 'object' && 'word' in type) {
    const mask = ((2 ** type.bits - 1) * 2 ** type.bit) >>> 0;
    return { at, size: 4, mask, value: (n << BigInt(type.bit)) & BigInt(mask) };
  }
  throw new Error(`${spec.name}.${path} is not a number`);
}
