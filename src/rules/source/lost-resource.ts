import type { LostDefect } from '../../model/source/defect.ts';
import type { SourceJudgement, SourceRule } from '../source-rule.ts';

/** What each assumption takes from how sure a finding is. */
const COST = { calls: 0.05, stores: 0.12, failures: 0.04, lent: 0.03 } as const;

export const lostAllocation: SourceRule = {
  id: 'lost-allocation',
  title: 'memory that is allocated and lost on a path',
  page: 'docs/leaks/error-paths.md',
  examine(defect) {
    if (defect.kind !== 'lost' || defect.family.kind === 'reference') return undefined;
    if (defect.form === 'setup') return pairWords(defect);
    const { family, holder, taker } = defect;
    return {
      title: `${holder}: ${family.noun} of ${taker}() is lost ${whenWords(defect)}`,
      summary: `${defect.function}() takes ${family.noun} with ${taker}() and loses it ${whenWords(defect)}.`,
      layer: family.layer,
      confidence: sureness(defect),
      subject: {
        ...(family.type === undefined ? {} : { type: family.type }),
        function: defect.function,
        callSite: taker,
      },
      fix: fixWords(defect),
    };
  },
};

/** What only the name of a counterpart tells. */
function pairWords(defect: LostDefect): SourceJudgement {
  const { family, holder, taker, released, inferred } = defect;
  return {
    title: `${holder}: ${family.noun} is not undone on an error path`,
    summary: `${defect.function}() calls ${taker}() and fails later without ${family.partner}().`,
    layer: family.layer,
    confidence: released ? 0.75 : inferred ? 0.62 : 0.7,
    subject: { function: defect.function, callSite: taker },
    fix: fixWords(defect),
  };
}

export const lostReference: SourceRule = {
  id: 'lost-reference',
  title: 'references that are taken and not dropped on a path',
  page: 'docs/leaks/references.md',
  examine(defect) {
    if (defect.kind !== 'lost' || defect.family.kind !== 'reference') return undefined;
    const { family, holder, taker } = defect;
    return {
      title: `${holder}: ${family.noun} is not dropped ${whenWords(defect)}`,
      summary: `${defect.function}() takes ${family.noun} with ${taker}() and does not drop it ${whenWords(defect)}.`,
      layer: family.layer,
      confidence: sureness(defect),
      subject: {
        ...(family.type === undefined ? {} : { type: family.type }),
        function: defect.function,
        callSite: taker,
      },
      fix: fixWords(defect),
    };
  },
};

function whenWords({ how, exit, released }: LostDefect): string {
  if (how === 'unused') return 'as soon as it is taken';
  if (how === 'overwritten') return 'when its pointer is overwritten';
  if (how === 'container-freed') return 'with the object that holds its pointer';
  if (exit === 'error') return 'on an error path';
  return released ? 'on one path' : 'on return';
}

function fixWords({ family, holder, released, how }: LostDefect): string {
  if (how === 'unused')
    return `Keep what ${holder} returns, and give it back with ${family.partner}() when it was looked at.`;
  const like = released ? `, as line ${released.line} does with ${released.by}()` : '';
  const before =
    how === 'exit'
      ? 'before that return'
      : how === 'overwritten'
        ? 'before the pointer is set anew'
        : 'before what holds it is freed';
  return `${family.partner}(${holder.replace(/^&(?=\w+$)/, '&')}) ${before}${like}.`;
}

function sureness({ assumed, form, released, family, wrapped, inferred, exit, ofParameter, how }: LostDefect): number {
  let sure = 0.9;
  for (const key of ['calls', 'stores', 'failures', 'lent'] as const) sure -= Math.min(3, assumed[key]) * COST[key];
  if (assumed.role) sure -= 0.2;
  if (wrapped) sure -= 0.1;
  if (inferred) sure -= 0.15;
  if (form === 'argument' && !released) sure -= ofParameter && !assumed.role ? 0.5 : 0.15;
  if (how === 'overwritten') sure -= wrapped ? (family.kind === 'reference' ? 0.2 : 0.25) : 0.1;
  if (how === 'container-freed') sure -= 0.1;
  const isMemory = family.kind !== 'reference' && family.kind !== 'buffer';
  // What is given back on one successful path and not on another one was mostly handed over in a way that is not seen.
  if (isMemory && released && how === 'exit' && exit !== 'error' && exit !== 'null') sure -= 0.35;
  if (!released && exit !== 'error' && family.kind !== 'reference' && how === 'exit') sure -= 0.05;
  if (family.kind === 'mapping' || family.kind === 'number') sure -= 0.1;
  return Math.max(0.1, sure);
}
