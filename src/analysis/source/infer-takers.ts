import type { CallExpression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { familyOf, giverOf, isTaker, takerOf } from './api/catalog.ts';
import { isLent, looksFreeing, pointsInto, surelyFrees } from './api/effects.ts';
import { undoingNames } from './api/verb-pairs.ts';
import { callsOf } from './calls-of.ts';
import { bare, calleeName, pathOf, rootOf } from './paths.ts';
import type { Variables } from './state.ts';

const MAKES = /(?:^|_)(?:k?v?[mz]?alloc|create|new|dup|clone|build|copy|make)(?:_|\d|$)/;
/** `parent_fid` of `v9fs_parent_fid`: no verb at all. */
const THREE = /^\w+_\w+_\w+$/;
const GETS = /(?:^|_)(?:get|find|lookup|grab|acquire|hold|open|ref|search)(?:_|\d|$)/;

/**
 * What functions that no table knows hand out, told by what this function does with it: who puts a node at its end holds
 * it on every other way out too. Only names that speak of getting or making count.
 */
export function inferTakers(variables: Variables): ReadonlyMap<CallExpression, ResourceFamily> {
  const given = givenBack(variables);
  for (const root of countedRoots(variables)) if (given.get(root)?.own !== undefined) given.delete(root);
  const found = new Map<CallExpression, ResourceFamily>();
  if (given.size === 0) return found;
  for (const node of variables.graph.nodes) {
    if (node.kind !== 'set' || node.left.kind !== 'name') continue;
    const call = bare(node.right);
    if (call.kind !== 'call' || variables.graph.locals.get(node.left.name) !== 'pointer') continue;
    const family = given.get(node.left.name);
    const name = calleeName(call.callee);
    if (
      family &&
      (family.own === undefined ? isTaking(name, family) : belongs(name, family.own, putsOf(variables, family.own)))
    )
      found.set(call, family);
  }
  return found;
}

const isTaking = (name: string, { kind }: ResourceFamily): boolean => (kind === 'reference' ? GETS : MAKES).test(name);

const PUTS = /(?:^|_)(?:put|unref|release|drop|relse|rele)(?:_|$)/;
const DESTROYS = /(?:^|_)(?:free|destroy|delete|dealloc|cancel|abort)(?:_|$)/;
/** Parts of names that say what is done, not to what. */
const VERBS =
  /^(?:k?v?free|put|get|unref|ref|release|drop|destroy|delete|dealloc|k?v?[mz]?alloc|create|new|dup|clone|build|copy|make|find|lookup|grab|open|close|by|from|for|and|init|setup|next|first|to|of|the|all|locked|nolock|safe|sync|struct|data|info|p|dev|device|cancel|abort)$/;

/** `clone_fid` and `p9_fid_put` speak of one thing, and the one hands out what the other takes back. */
function belongs(taker: string, giver: string, places: number): boolean {
  if (isTaker(taker) || pointsInto(taker) || isLent(taker) || looksFreeing(taker)) return false;
  const isSaid = PUTS.test(giver) ? GETS.test(taker) || MAKES.test(taker) : MAKES.test(taker);
  // No verb: several places that put it speak for themselves.
  if (
    !isSaid &&
    (!PUTS.test(giver) || places < 2 || /(?:^|_)(?:first|last|next|prev|select|peek|current|to|cur)(?:_|$)/.test(taker))
  )
    return false;
  const nouns = nounsOf(giver);
  if (taker.split('_').some((part) => nouns.includes(part))) return true;
  return undoingNames(taker).includes(giver);
}

/** `put_mtd_device` puts an mtd, `hfs_bnode_put` a bnode, `ice_vsi_put_qs` no vsi. */
function nounsOf(giver: string): readonly string[] {
  const parts = giver.split('_');
  const verb = parts.findIndex((part) => PUTS.test(part) || DESTROYS.test(part));
  const behind = parts.slice(verb + 1).filter((part) => !VERBS.test(part));
  if (behind.length > 0) return behind;
  return parts.slice(Math.max(verb > 1 ? 1 : 0, verb - 2), verb).filter((part) => !VERBS.test(part));
}

/** What a function that no table knows gives back, by its name. */
function unlistedFamily(name: string): ResourceFamily | undefined {
  if (!surelyFrees(name) && !/_(?:cancel|abort|relse)$/.test(name)) return undefined;
  const puts = PUTS.test(name);
  if (/(?:^|_)(?:auto)?pm_|mutex|lock|_irq|_sem(?:_|$)/.test(name)) return undefined;
  if (!puts && !DESTROYS.test(name)) return undefined;
  return {
    id: `own:${name}`,
    kind: puts ? 'reference' : 'object',
    noun: puts ? `a reference for ${name}()` : `what ${name}() frees`,
    partner: name,
    layer: 'slab-unreclaimable',
    unknown: 'borrows',
    own: name,
  };
}

const putsOf = ({ graph }: Variables, giver: string): number =>
  graph.nodes.reduce((sum, node) => sum + callsOf(node).filter(({ name }) => name === giver).length, 0);

/** Variables on which counts are taken by themselves: what was found was not counted for the finder. */
const countedRoots = ({ graph }: Variables): readonly string[] =>
  graph.nodes.flatMap((node) =>
    callsOf(node).flatMap(({ name, call }) => {
      const taker = takerOf(name);
      const arg = taker?.form === 'argument' ? call.args[taker.index] : undefined;
      const path = arg && pathOf(bare(arg));
      return path === undefined ? [] : [rootOf(path)];
    }),
  );

/** Whether the names of a function's calls can tell of something that no table knows. */
export function mayInfer(calls: ReadonlySet<string>): boolean {
  const takers = [...calls].filter((name) => MAKES.test(name) || GETS.test(name) || THREE.test(name));
  if (takers.length === 0) return false;
  for (const name of calls) {
    const giver = giverOf(name);
    if (giver ? takers.some((taker) => MAKES.test(taker) || GETS.test(taker)) : givesWhatIsTaken(name, takers))
      return true;
  }
  return false;
}

const givesWhatIsTaken = (name: string, takers: readonly string[]): boolean =>
  isUnlisted(name) && takers.some((taker) => belongs(taker, name, 2));

const unlisted = new Map<string, boolean>();
const MOST_NAMES = 20_000;

function isUnlisted(name: string): boolean {
  let known = unlisted.get(name);
  if (known === undefined) {
    if (unlisted.size >= MOST_NAMES) unlisted.clear();
    known = unlistedFamily(name) !== undefined;
    unlisted.set(name, known);
  }
  return known;
}

/** Local variables that are given back, and as what. */
function givenBack({ graph }: Variables): Map<string, ResourceFamily> {
  const given = new Map<string, ResourceFamily>();
  for (const node of graph.nodes) {
    for (const { call, name } of callsOf(node)) {
      const giver = giverOf(name);
      const arg = call.args[giver?.index ?? call.args.length - 1];
      const path = arg && pathOf(bare(arg));
      const [first] = giver?.families ?? [];
      const family = giver ? (first === undefined ? undefined : familyOf(first)) : unlistedFamily(name);
      if (path === undefined || !family || family.id === 'refcount') continue;
      const root = rootOf(path);
      // `put(p)`, or a count that p holds: `kref_put(&p->ref, …)`; not what p only leads to.
      if (path === root || (family.own === undefined && family.kind === 'reference' && path.startsWith('&')))
        if (family.own === undefined || !given.has(root)) given.set(root, family);
    }
  }
  return given;
}
