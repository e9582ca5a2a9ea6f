import type { StructLayout } from '../../model/layouts/struct-layout.ts';
import type { TypeRef } from '../../model/layouts/type-ref.ts';

/** A member that counts the references to its struct. */
export interface CountedMember {
  /** `kref.refcount`, as in C. */
  readonly name: string;
  /** Bytes from the start of the struct, and of the number itself. */
  readonly offset: number;
  readonly size: number;
  /** What is added to the number to have references: file_ref_t stores one less than there are. */
  readonly plus: number;
}

/** Types whose only use is to count references (include/linux/refcount.h, kref.h, kobject.h), the surest first. */
const COUNTERS: readonly { readonly type: RegExp; readonly inside: string; readonly plus?: number }[] = [
  { type: /^struct kobject$/, inside: 'kref.refcount.refs.counter' },
  { type: /^struct kref$/, inside: 'refcount.refs.counter' },
  { type: /^file_ref_t$/, inside: 'refcnt.counter', plus: 1 },
  { type: /^refcount_t$/, inside: 'refs.counter' },
];
/** An atomic_t may count anything; so named, and in the struct itself, it counts references. */
const ATOMIC = /^atomic(?:64|_long)?_t$/;
const NAMED = /^(?:[a-z]{1,3}_)?(?:ref|refs|refcnt|refcount|ref_count|usage|count|sigcnt)$/;
/** Bytes in buffers of a socket, and references that only keep the memory of a struct, not what it stands for. */
const OTHERS = /^(?:sk_wmem_alloc|sk_rmem_alloc|i_dio_count|passive|stack_refcount|vm_refcnt)$/;

/** The member that counts references to a struct, if one does. Only its own members count, those of anonymous parts included. */
export function countedMember(layout: StructLayout): CountedMember | undefined {
  const members = [...ownMembers(layout.type)].filter(({ name }) => !OTHERS.test(name));
  for (const { type, inside, plus = 0 } of COUNTERS) {
    const found = members.find((member) => type.test(member.type));
    if (found) return at(layout, `${found.name}.${inside}`, plus);
  }
  const atomic = members.find(({ name, type }) => ATOMIC.test(type) && NAMED.test(name));
  return atomic && at(layout, `${atomic.name}.counter`, 0);
}

function at(layout: StructLayout, path: string, plus: number): CountedMember | undefined {
  const member = layout.member(path);
  if (!member || (member.size !== 4 && member.size !== 8)) return undefined;
  const name = path.replace(/(?:\.refs)?\.counter$/, '');
  return { name, offset: member.offset, size: member.size, plus };
}

const MOST_MEMBERS = 2000;
const MOST_STEPS = 16;

/** Names of members with the name of the type that each was declared with: that of a typedef, or `struct kref`. */
function* ownMembers(
  struct: TypeRef,
  budget: { left: number } = { left: MOST_MEMBERS },
): Generator<{ readonly name: string; readonly type: string }> {
  const { graph } = struct;
  const node = graph.node(struct.id);
  if (node.kind !== 'struct' && node.kind !== 'union') return;
  for (const { name, type } of node.members) {
    if (budget.left-- <= 0) return;
    if (name === '') yield* ownMembers({ graph, id: type }, budget);
    else yield { name, type: nameOf({ graph, id: type }) };
  }
}

function nameOf({ graph, id }: TypeRef): string {
  let at = id;
  for (let step = 0; step < MOST_STEPS; step++) {
    const node = graph.node(at);
    if (node.kind === 'typedef') return node.name;
    if (node.kind === 'struct') return `struct ${node.name}`;
    if (node.kind !== 'const' && node.kind !== 'volatile') return '';
    at = node.to;
  }
  return '';
}
