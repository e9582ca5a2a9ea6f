import type { LostDefect } from '../../model/source/defect.ts';
import { giverOf } from './api/catalog.ts';
import { surelyFrees } from './api/effects.ts';
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
export function judgeLost(
  site: Site,
  outcomes: readonly Outcome[],
  role: string | undefined,
  givenAnywhere: boolean,
  returnsPointer: boolean,
  isTakenForAnother: boolean,
): JudgedLoss | undefined {
  const released = outcomes.filter(({ kind }) => kind === 'released');
  const evidence = released.filter(({ by }) => by !== undefined && (giverOf(by) !== undefined || surelyFrees(by)));
  const believed = {
    always: doubtsOf(
      evidence.filter(({ exits }) => exits.has('zero') || exits.has('void') || (returnsPointer && exits.has('other'))),
    ),
    failing: doubtsOf(evidence),
  };
  const lost = outcomes
    .filter((outcome) => outcome.kind === 'lost')
    .map((outcome) => ({ outcome, assumed: assumedOn(outcome, believed, role) }))
    .filter((loss): loss is { outcome: Outcome; assumed: LostDefect['assumed'] } => loss.assumed !== undefined)
    .toSorted((a, b) => weight(a) - weight(b));
  const [best] = lost;
  const isCount = site.taker.form === 'argument' && site.taker.failing !== true;
  if (isCount && isTakenForAnother) return undefined;
  const kept = isCount && released.length === 0 ? keptOnSuccess(outcomes) : undefined;
  if (kept || !best) return kept;
  const where = released.find(({ by }) => by !== undefined);
  // Taken twice here and put once: which of the two it was does not matter.
  const isSecond =
    site.starts.some(({ owed }) => owed > 0) && best.outcome.state.owed === 0 && best.outcome.state.doubts.length === 0;
  if (isCount && !isSecond && !isUnbalanced(best.outcome, released, givenAnywhere)) return undefined;
  return { ...best, released: where };
}

/** Doubts that are refuted: on paths that end well, and on those that end with an error. */
interface Believed {
  readonly always: ReadonlySet<string>;
  readonly failing: ReadonlySet<string>;
}

const doubtsOf = (outcomes: readonly Outcome[]): ReadonlySet<string> =>
  new Set(outcomes.flatMap(({ state }) => state.doubts));

const weight = ({ outcome, assumed }: { outcome: Outcome; assumed: LostDefect['assumed'] }): number =>
  assumed.calls * 4 +
  assumed.stores * 8 +
  assumed.failures * 2 +
  assumed.lent +
  (assumed.role ? 8 : 0) +
  (outcome.state.trail?.length ?? 0) / 100;

function assumedOn(
  { state, exit, how, value, tail }: Outcome,
  { always, failing }: Believed,
  role: string | undefined,
): LostDefect['assumed'] | undefined {
  // A constant by its name is taken for one of the failures.
  const fails = exit === 'error' || exit === 'null' || (exit === 'other' && value?.startsWith('=') === true);
  const believed = fails ? failing : always;
  const calls = state.doubts.filter((doubt) => /^[ckr]/.test(doubt));
  // What only hangs on its device is not found there by anybody when probe fails.
  const stores = state.doubts.filter((doubt) => (exit === 'error' ? /^[sl]/ : /^[sld]/).test(doubt));
  if (calls.some((doubt) => !believed.has(doubt))) return undefined;
  if (state.assumed > 0 && !fails && exit !== 'void' && how === 'exit') return undefined;
  const unbelieved = stores.filter((doubt) => !believed.has(doubt));
  if (stores.length > 0 && (exit !== 'error' || how !== 'exit')) return undefined;
  const byRole = unbelieved.length > 0 && tail !== true;
  if (byRole && !(role !== undefined && hangsOnOwn(state))) return undefined;
  return {
    calls: calls.length,
    stores: tail === true ? 1 : stores.length - unbelieved.length,
    failures: state.assumed,
    lent: state.lent,
    role: byRole,
  };
}

/** What it hangs on is no argument: nobody but this function knows it when it fails. */
const hangsOnOwn = (state: State): boolean => state.doubts.length === 1;

/** A count that is meant to stay when the function succeeds, and is not dropped where it fails. */
function keptOnSuccess(outcomes: readonly Outcome[]): JudgedLoss | undefined {
  const failing = outcomes.find(({ kind, exit, how }) => kind === 'lost' && exit === 'error' && how === 'exit');
  const succeeding = outcomes.some(({ kind, exit }) => kind !== 'released' && exit !== 'error');
  if (!failing || !succeeding || outcomes.some(({ kind }) => kind === 'released')) return undefined;
  return { outcome: failing, assumed: { calls: 0, stores: 0, failures: 0, lent: 0, role: true }, released: undefined };
}

/**
 * A count on something that this function did not make. Taken without being dropped it is the purpose of many a function;
 * it counts where other paths drop it, or where the object was only met here.
 */
function isUnbalanced({ state, exit }: Outcome, released: readonly Outcome[], givenAnywhere: boolean): boolean {
  if (released.length > 0) return exit === 'error';
  return state.doubts.length === 0 && state.lent === 0 && !givenAnywhere;
}
