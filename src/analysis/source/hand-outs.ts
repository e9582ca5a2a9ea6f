import type { CDefinition, FunctionOutline } from '../../model/source/c-unit.ts';
import type { Taker } from './api/catalog.ts';
import { otherNames, type Site } from './find-sites.ts';
import { bare, pathOf, rootOf } from './paths.ts';
import type { Outcome, Variables } from './state.ts';

/** What a function does with what it took, for those who call it. */

/** `alloc_bd(desc)` that leaves what it took in `desc->bd`: its callers have it there. */
export function storesInto(
  { outline }: CDefinition,
  variables: Variables,
  site: Site,
  outcomes: readonly Outcome[],
): Taker | undefined {
  if (site.taker.form === 'argument' || site.head !== undefined) return undefined;
  const out = handsThrough(outline, outcomes);
  if (out >= 0) return { ...site.taker, form: 'out', index: out, zeroFails: false };
  for (const { kind, exit, state } of outcomes) {
    if (kind !== 'lost' || exit === 'error' || exit === 'null' || exit === 'other' || state.doubts.length !== 1)
      continue;
    if (state.doubts[0]?.startsWith('s') !== true) continue;
    for (const holder of state.holders.flatMap((path) => [path, ...otherNames(variables, path)])) {
      const index = outline.parameters.findIndex(({ name }) => name === rootOf(holder));
      const members = /^[\w$]+((?:(?:->|\.)[\w$]+)+)$/.exec(holder)?.[1];
      if (index < 0 || members === undefined) continue;
      const suffix = [...members.matchAll(/(->|\.)([\w$]+)/g)].map(([, arrow, name = '']) => ({
        arrow: arrow === '->',
        name,
      }));
      return { ...site.taker, form: 'member', index, suffix, zeroFails: exit === 'positive' };
    }
  }
  return undefined;
}

/**
 * `req->r_inode = inode; ihold(inode)`: the count is that of the member. `bh->b_end_io = f; get_bh(bh)`: it is that of whoever
 * comes when it is done.
 */
export function isTakenForAnother(variables: Variables | undefined, { taker, holder }: Site): boolean {
  if (taker.form !== 'argument') return false;
  return (variables?.graph.nodes ?? []).some((node) => {
    if (node.kind !== 'set') return false;
    const left = pathOf(node.left);
    if (left === undefined || left === rootOf(left)) return false;
    if (pathOf(bare(node.right)) === holder) return true;
    return left.startsWith(`${holder}->`) && /(?:end_io|complete|callback|_cb|_func)$/.test(left);
  });
}

/** A count on what the caller gave: it knows what was counted. */
export const isOfParameter = ({ outline }: CDefinition, { taker, holder }: Site): boolean =>
  taker.form === 'argument' && outline.parameters.some(({ name }) => name === rootOf(holder));

/** `*out = p` of a function that says by a number how it went: the parameter, or -1. */
function handsThrough({ returns, parameters }: FunctionOutline, outcomes: readonly Outcome[]): number {
  if (!/\bint\b/.test(returns)) return -1;
  const places = new Set(
    outcomes.flatMap(({ kind, by, into }) =>
      kind === 'kept' && by === undefined && into?.startsWith('*') === true ? [into] : [],
    ),
  );
  const [place] = places;
  // Of several one is the thing, and the others lead into it.
  return places.size === 1 ? parameters.findIndex(({ name }) => place === `*${name}`) : -1;
}

/** Returned, and stored for others to find as well. */
export const isSharedToo = ({ kind, state, exit }: Outcome): boolean =>
  kind === 'returned' && exit !== 'error' && state.doubts.some((doubt) => /^[sl]/.test(doubt));

/** Stored where nobody can follow it, `*out`. */
export const isStored = ({ kind, by, exit }: Outcome): boolean =>
  kind === 'kept' && by === undefined && exit === 'other';

/** Returned, and nobody else has it. */
export const isHandedOut = ({ kind, state, exit }: Outcome): boolean =>
  kind === 'returned' && state.doubts.length === 0 && exit !== 'error';
