import type { LostDefect } from '../../model/source/defect.ts';
import type { Site } from './find-sites.ts';
import type { Outcome, State } from './state.ts';

export interface JudgedLoss {
  readonly outcome: Outcome;
  readonly assumed: LostDefect['assumed'];
  /** A path on which it is given back. */
  readonly released: Outcome | undefined;
}

/**
 * Which of the paths on which a resource seems lost counts, if any does. A call or a store that may have taken it over is
 * believed to have left it here when this function itself gives it back behind the same place on another path.
 */
export function judgeLost(site: Site, outcomes: readonly Outcome[], role: string | undefined): JudgedLoss | undefined {
  const released = outcomes.filter(({ kind }) => kind === 'released');
  const believed = new Set(released.flatMap(({ state }) => state.doubts));
  const lost = outcomes
    .filter((outcome) => outcome.kind === 'lost')
    .map((outcome) => ({ outcome, assumed: assumedOn(outcome, believed, role) }))
    .filter((loss): loss is { outcome: Outcome; assumed: LostDefect['assumed'] } => loss.assumed !== undefined)
    .toSorted((a, b) => weight(a) - weight(b));
  const [best] = lost;
  if (!best) return undefined;
  const where = released.find(({ by }) => by !== undefined);
  if (site.taker.form === 'argument' && !isUnbalanced(site, best.outcome, released)) return undefined;
  return { ...best, released: where };
}

const weight = ({ outcome, assumed }: { outcome: Outcome; assumed: LostDefect['assumed'] }): number =>
  assumed.calls * 4 +
  assumed.stores * 8 +
  assumed.failures * 2 +
  assumed.lent +
  (assumed.role ? 8 : 0) +
  (outcome.state.trail?.length ?? 0) / 100;

function assumedOn(
  { state, exit, how }: Outcome,
  believed: ReadonlySet<string>,
  role: string | undefined,
): LostDefect['assumed'] | undefined {
  const calls = state.doubts.filter((doubt) => /^[ckr]/.test(doubt));
  const stores = state.doubts.filter((doubt) => /^[sl]/.test(doubt));
  if (calls.some((doubt) => !believed.has(doubt))) return undefined;
  const fails = exit === 'error';
  if (state.assumed > 0 && !fails && exit !== 'void' && how === 'exit') return undefined;
  const unbelieved = stores.filter((doubt) => !believed.has(doubt));
  if (stores.length > 0 && (!fails || how !== 'exit')) return undefined;
  const byRole = unbelieved.length > 0;
  if (byRole && !(role !== undefined && hangsOnOwn(state))) return undefined;
  return {
    calls: calls.length,
    stores: stores.length - unbelieved.length,
    failures: state.assumed,
    lent: state.lent,
    role: byRole,
  };
}

/** What it hangs on is no argument: nobody but this function knows it when it fails. */
const hangsOnOwn = (state: State): boolean => state.doubts.length === 1;

/**
 * A count on something that this function did not make. Taken without being dropped it is the purpose of many a function;
 * it counts where other paths drop it, or where the object was only met here.
 */
function isUnbalanced(site: Site, { state }: Outcome, released: readonly Outcome[]): boolean {
  if (released.length > 0) return true;
  return state.doubts.length === 0 && state.lent === 0 && site.taker.form === 'argument';
}
