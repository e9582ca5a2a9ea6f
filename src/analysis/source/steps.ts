import type { SourceStep } from '../../model/source/defect.ts';
import type { Trail } from './state.ts';

const FIRST = 2;
const LAST = 6;

/** A way through a function as steps, the middle of a long one left out. */
export function stepsOf(
  trail: Trail | undefined,
  step: (at: number, what: string) => SourceStep,
): readonly SourceStep[] {
  const all: Trail[] = [];
  for (let at = trail; at && all.length < 500; at = at.before) all.push(at);
  all.reverse();
  const kept = all.length > FIRST + LAST ? [...all.slice(0, FIRST), ...all.slice(-LAST)] : all;
  return kept.map(({ at, what }) => step(at, what));
}
