import { spellDeclaration, spellType } from './spell-type.ts';
import { memberLayout, type StructLayout } from './struct-layout.ts';
import { nodeOf, strip, type TypeRef } from './type-ref.ts';

export interface DescribedMember {
  readonly name: string;
  /** As C declares it, without the semicolon: `void (*ctor)(void *)`, `unsigned int inuse : 16`. */
  readonly declaration: string;
  /** From the start of the struct that was asked for, in bytes. */
  readonly offset: number;
  readonly bitOffset?: number;
  readonly bitSize?: number;
  /** Of a struct or union that has no name of its own. */
  readonly inside?: { readonly kind: 'struct' | 'union'; readonly members: readonly DescribedMember[] };
}

export interface DescribedLayout {
  readonly type: string;
  readonly kind: 'struct' | 'union';
  readonly size: number;
  readonly members: readonly DescribedMember[];
}

/** Real types nest ten deep; damaged ones go round. */
const DEEPEST = 16;
const MOST_MEMBERS = 20_000;

/** How a struct is laid out, or those of its members that `paths` name. Throws LayoutError for paths that it has not. */
export function describeLayout(struct: StructLayout, named: TypeRef, paths: readonly string[] = []): DescribedLayout {
  const budget = { members: MOST_MEMBERS };
  const kind = nodeOf(struct.type).kind === 'union' ? 'union' : 'struct';
  const members = paths.map((path): DescribedMember => {
    const { offset, type, bitOffset, bitSize } = struct.need(path);
    return describe(path, type, offset, bitsOf(bitOffset, bitSize), 0, budget);
  });
  return {
    type: spellType(named),
    kind,
    size: struct.size,
    members: paths.length > 0 ? members : membersOf(struct.type, 0, 0, budget),
  };
}

interface Budget {
  members: number;
}
type Bits = Pick<DescribedMember, 'bitOffset' | 'bitSize'>;

const bitsOf = (bitOffset: number | undefined, bitSize: number | undefined): Bits =>
  bitOffset === undefined || bitSize === undefined ? {} : { bitOffset, bitSize };

function membersOf(type: TypeRef, start: number, depth: number, budget: Budget): readonly DescribedMember[] {
  const node = nodeOf(type);
  if ((node.kind !== 'struct' && node.kind !== 'union') || depth > DEEPEST) return [];
  const members: DescribedMember[] = [];
  for (const member of node.members) {
    if (budget.members-- <= 0) break;
    const { offset, bitOffset, bitSize, type: of } = memberLayout(type, member);
    members.push(describe(member.name, of, start + offset, bitsOf(bitOffset, bitSize), depth, budget));
  }
  return members;
}

function describe(
  name: string,
  type: TypeRef,
  offset: number,
  bits: Bits,
  depth: number,
  budget: Budget,
): DescribedMember {
  const width = bits.bitSize === undefined ? '' : ` : ${bits.bitSize}`;
  const declaration = `${spellDeclaration(type, name)}${width}`;
  // A typedef is a name; only what stands in place is written out.
  const node = nodeOf(type);
  const isNameless = (node.kind === 'struct' || node.kind === 'union') && node.name === '';
  if (!isNameless) return { name, declaration, offset, ...bits };
  const inside = { kind: node.kind, members: membersOf(strip(type), offset, depth + 1, budget) };
  return { name, declaration, offset, inside };
}
