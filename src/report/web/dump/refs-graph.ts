import type { CoreReferrer, CoreRefs } from '../../../findings/core/core-refs.ts';
import { refsLink, viewLink } from './dump-links.ts';

/** A box of the graph: things alike that point to the same, or one thing. */
export interface RefNode {
  /** What it is: a type, a symbol, a place. */
  readonly name: string;
  /** Where: cache and offset, address. */
  readonly detail: string;
  /** How many words alike point there. */
  readonly times: number;
  readonly link?: string;
  readonly kind: 'object' | 'root' | 'target' | 'more';
}

export interface RefGraph {
  readonly target: RefNode;
  /** Who points there, the one on the way from a root first. */
  readonly referrers: readonly RefNode[];
  /** From the root to what points at the first referrer; where the way is long, a node of kind `more` is in its middle. */
  readonly way: readonly RefNode[];
  /** Whether a root leads there at all. */
  readonly isReached: boolean;
}

const MOST_REFERRERS = 11;
const MOST_WAY = 2;

/** The graph of `kleak core refs`, so that it fits on a page. Undefined where nothing looked after lies there. */
export function refGraph(id: number, refs: CoreRefs): RefGraph | undefined {
  const { target, referrers, count, chain } = refs;
  if (!target) return undefined;
  const before = chain.slice(0, -1);
  const nearest = before.at(-1);
  const groups = grouped(id, referrers);
  const near = nearest && nodeOf(id, nearest, 1);
  const first = near && (groups.find((node) => sameThing(node, near)) ?? near);
  const ordered = [...(first ? [first] : []), ...groups.filter((node) => node !== first)];
  const shown = ordered.slice(0, MOST_REFERRERS);
  const told = shown.reduce((sum, { times }) => sum + times, 0);
  const more = Math.max(0, count - told);
  return {
    target: { ...nodeOf(id, target, 1), kind: 'target' },
    referrers: more > 0 && ordered.length >= shown.length ? [...shown, moreNode(`${more} more`)] : shown,
    isReached: first !== undefined,
    way: shortened(before.slice(0, -1).map((step) => nodeOf(id, step, 1))),
  };
}

const sameThing = (a: RefNode, b: RefNode): boolean => a.name === b.name && a.detail === b.detail;

const moreNode = (name: string): RefNode => ({ name, detail: '', times: 1, kind: 'more' });

function shortened(way: readonly RefNode[]): readonly RefNode[] {
  if (way.length <= MOST_WAY) return way;
  const hidden = way.length - MOST_WAY + 1;
  return [...way.slice(0, 1), moreNode(`${hidden} steps`), ...way.slice(hidden + 1)];
}

/** Words at the same place of objects alike are one node. */
function grouped(id: number, referrers: readonly CoreReferrer[]): readonly RefNode[] {
  const nodes = new Map<string, RefNode>();
  for (const referrer of referrers) {
    const node = nodeOf(id, referrer, 1);
    const key = referrer.inObject ? `${node.name} ${node.detail}` : `${node.name} ${node.detail} ${node.link ?? ''}`;
    const known = nodes.get(key);
    nodes.set(key, known ? { ...known, times: known.times + 1 } : node);
  }
  return [...nodes.values()].toSorted((a, b) => b.times - a.times);
}

export function nodeOf(id: number, { address, inObject, symbol, place }: CoreReferrer, times: number): RefNode {
  if (inObject) {
    const { cache, type, object, offset } = inObject;
    const at = offset > 0 ? ` +${offset}` : '';
    return {
      name: type ?? cache,
      detail: type === undefined ? `${object}${at}` : `${cache}${at}`,
      times,
      link: refsLink(id, object),
      kind: 'object',
    };
  }
  const link = address === undefined ? undefined : viewLink(id, address);
  return {
    name: symbol ?? place ?? 'not known',
    detail: symbol === undefined ? (address ?? '') : 'variable',
    times,
    ...(link === undefined ? {} : { link }),
    kind: 'root',
  };
}
