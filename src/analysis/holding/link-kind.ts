/** What elements hang on: told by their links alone. */
export type LinkKind = 'list_head' | 'hlist' | 'rbtree' | 'chain';

/** How elements hang on a word. */
export interface Link {
  readonly kind: LinkKind;
  /** Where the link stands in each element, in bytes from its start. */
  readonly offset: number;
}

/** Kernel memory as links need it. */
export interface LinkMemory {
  /** A word; undefined where it is not in the dump. */
  readonly word: (address: bigint) => bigint | undefined;
  /** Where the object begins that an address lies in, and a mark that is the same for objects of one kind. */
  readonly object: (address: bigint) => { readonly start: bigint; readonly kind: number } | undefined;
}

/** Elements of a chain that are looked at before it is called one. */
const LINKS_SEEN = 3;
const MOST_WORDS = 64;

/**
 * The kind of link by which a word at `head` holds objects: each kind shows in words that have to agree.
 *
 * - list_head (include/linux/types.h): first.prev and last.next are the address of the head
 * - hlist: first.pprev is the address of the head, and nothing leads back from the last
 * - rbtree: the root's parent is nothing, its children's parent is the root
 * - chain: at the same offset in each a pointer to the start of the next
 */
export function linkAt(memory: LinkMemory, head: bigint): Link | undefined {
  const first = memory.word(head);
  const element = first === undefined ? undefined : memory.object(first);
  if (first === undefined || !element) return undefined;
  const offset = Number(first - element.start);
  if (memory.word(first + 8n) === head) return { kind: isClosed(memory, head) ? 'list_head' : 'hlist', offset };
  if (isRoot(memory, first, element.kind)) return { kind: 'rbtree', offset };
  return chainFrom(memory, element);
}

/** Whether the word behind the head leads to an element that leads back. */
function isClosed({ word }: LinkMemory, head: bigint): boolean {
  const last = word(head + 8n);
  return last !== undefined && last !== 0n && word(last) === head;
}

/** struct rb_node: __rb_parent_color with the colour in the low bits, rb_right, rb_left. */
function isRoot({ word, object }: LinkMemory, node: bigint, kind: number): boolean {
  if ((word(node) ?? 4n) > 3n) return false;
  return [8n, 16n].some((at) => {
    const child = word(node + at);
    return child !== undefined && object(child)?.kind === kind && ((word(child) ?? 0n) & ~3n) === node;
  });
}

function chainFrom(
  { word, object }: LinkMemory,
  first: { readonly start: bigint; readonly kind: number },
): Link | undefined {
  for (let i = 0; i < MOST_WORDS; i++) {
    const offset = BigInt(i * 8);
    // The pointer has to stay in the object it is read from.
    if (object(first.start + offset)?.start !== first.start) return undefined;
    let [at, links] = [first.start, 0];
    while (links < LINKS_SEEN) {
      const next = word(at + offset);
      const there = next === undefined || next === 0n ? undefined : object(next);
      if (there?.kind !== first.kind || there.start !== next || next === at) break;
      [at, links] = [next, links + 1];
    }
    if (links === LINKS_SEEN) return { kind: 'chain', offset: Number(offset) };
  }
  return undefined;
}
