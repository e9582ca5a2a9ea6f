import { giverOf } from './api/catalog.ts';
import { looksFreeing } from './api/effects.ts';
import type { Effect, Effects } from './call-effect.ts';
import type { CallMade } from './calls-of.ts';
import { bare, pathOf, rootOf } from './paths.ts';
import type { Pair } from './tracking.ts';

const NONE: Effect = { kind: 'none' };

/** What a call does to what another one made, where only names tell. */
export function pairEffect(effects: Effects, { gives, path, others }: Pair, { name, call }: CallMade): Effect {
  const paths = call.args.map((arg) => pathOf(bare(arg)));
  if (gives.has(name)) {
    // Of two that are alike the other one may be meant.
    const isOther = paths.some((given) => given !== undefined && given !== path && others.has(given));
    return isOther && !paths.includes(path) ? NONE : { kind: 'released' };
  }
  const callee = effects.find(name);
  if (callee) return effects.calls(callee, gives) ? { kind: 'released' } : NONE;
  if (!looksFreeing(name) || giverOf(name)) return NONE;
  const root = rootOf(path);
  return paths.some((given) => given !== undefined && rootOf(given) === root) ? { kind: 'released' } : NONE;
}
