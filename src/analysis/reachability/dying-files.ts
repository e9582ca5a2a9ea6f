import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { readSlabs } from '../clustering/slab-words.ts';
import { halves, nodeAtWord, type NodeSpace } from './node-space.ts';

/**
 * Files that are closed and wait for RCU to give back their memory, up to 6.6 (since then, commit 0ede61d8589c, it is given
 * back at once). They hold neither their path nor their inode any more, although the addresses still stand in them; what
 * opened them they hold to the last.
 */
export function dyingFiles(kernel: Kernel, heap: SlabHeap, space: NodeSpace): DyingFiles {
  const found = { heads: new Map<number, number>(), creds: new Array<number>() };
  const cache = heap.caches.findIndex(({ name }) => name === 'filp');
  const mark = markOf(kernel);
  if (cache < 0 || !mark) return found;
  const { table } = space;
  const stride = heap.caches[cache]?.size ?? 0;
  for (const { slab, words, at, has } of readSlabs(kernel.memory.physical, space, (s) => table.cache[s] === cache)) {
    const start: number = (table.start[slab] ?? 0) + mark.at;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++) {
      const word: number = at + ((start + i * stride) >>> 2);
      const object = (table.first[slab] ?? 0) + i;
      if (words[word] !== mark.low || words[word + 1] !== mark.high || table.isFree(object)) continue;
      if (!has(start + i * stride, start + i * stride + 8)) continue;
      found.heads.set(object, mark.counts);
      const cred = word + ((mark.cred - mark.at) >> 2);
      found.creds.push(nodeAtWord(space, words[cred] ?? 0, words[cred + 1] ?? 0));
    }
  }
  return found;
}

/** The word that tells a file that is being freed, where in it that stands, and how many bytes before its path. */
function markOf({ layouts, symbols }: Kernel): Mark | undefined {
  const head = layouts.firstOf('file', ['f_rcuhead', 'f_u.fu_rcuhead'])?.offset;
  const path = layouts.member('file', 'f_path')?.offset;
  const cred = layouts.member('file', 'f_cred')?.offset;
  const func = layouts.member('callback_head', 'func')?.offset;
  const free = symbols.find('file_free_rcu');
  if (head === undefined || path === undefined || func === undefined || cred === undefined) return undefined;
  return free === undefined || head > path ? undefined : { at: head + func, counts: path, cred, ...halves(free) };
}

export interface DyingFiles {
  /** By object, how many of its first bytes count: the link to the next that waits. */
  readonly heads: ReadonlyMap<number, number>;
  /** Nodes of their credentials. */
  readonly creds: readonly number[];
}

interface Mark {
  readonly at: number;
  readonly counts: number;
  readonly cred: number;
  readonly low: number;
  readonly high: number;
}
