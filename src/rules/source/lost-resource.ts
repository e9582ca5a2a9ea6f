import type { LostDefect } from '../../model/source/defect.ts';
import type { SourceJudgement, SourceRule } from '../source-rule.ts';

/** What each assumption takes from how sure a finding is. */
const COST = { calls: 0.05, stores: 0.12, failures: 0.04, lent: 0.02 } as const;

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
    // Where another path undoes it, this one mostly does too, by a name that is not seen.
    confidence: released ? 0.55 : inferred ? 0.62 : 0.7,
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

/**
 * How sure. The costs follow what became of findings that were read: what was handed to somebody who may keep it, memory that
 * is only given back on some of the ways that end well, elements of arrays, and what loops set anew were mostly no leaks.
 */
function sureness(defect: LostDefect): number {
  const isReference = defect.family.kind === 'reference';
  const sure = 0.9 - assumptions(defect) - (isReference ? costOfReference(defect) : costOfAllocation(defect));
  return Math.max(0.1, sure);
}

function assumptions({ assumed, form, released, inferred, wrapped, ofParameter, how }: LostDefect): number {
  let cost = 0;
  for (const key of ['calls', 'stores', 'failures', 'lent'] as const) cost += Math.min(3, assumed[key]) * COST[key];
  if (assumed.role) cost += 0.2;
  if (inferred) cost += 0.15;
  // What a helper hands out through a pointer is mostly known elsewhere too.
  if (form === 'out' && wrapped) cost += 0.3;
  if (form === 'argument' && !released) cost += ofParameter && !assumed.role ? 0.5 : 0.15;
  if (how === 'container-freed') cost += 0.1;
  return cost;
}

function costOfReference({ family, form, wrapped, how, exit, released, assumed }: LostDefect): number {
  let cost = wrapped ? 0.03 : 0;
  // A helper left it in an object of its caller's, who may clean up the whole.
  if (form === 'member' && !assumed.role) cost += 0.1;
  // A plain count may be anybody's.
  if (/^a reference(?: for .*)?$/.test(family.noun)) cost += 0.06;
  if (how === 'overwritten') cost += wrapped ? 0.15 : 0.1;
  if (how === 'exit' && released && !isFailure(exit)) cost += 0.07;
  return cost;
}

function costOfAllocation({
  family,
  wrapped,
  how,
  exit,
  released,
  assumed,
  holder,
  keptElsewhere,
}: LostDefect): number {
  const isPlain = /^\w+$/.test(holder);
  let cost = wrapped ? 0.1 : 0;
  if (assumed.calls > 0) cost += 0.25;
  if (assumed.role && isPlain && family.kind !== 'object') cost += 0.15;
  if (holder.includes('[')) cost += 0.25;
  if (how === 'overwritten') cost += isPlain ? 0.35 : 0.2;
  if (how === 'exit') {
    if (released) cost += isFailure(exit) ? 0.06 : family.kind === 'buffer' ? 0.1 : 0.35;
    else if (!isFailure(exit)) cost += !keptElsewhere ? 0.1 : family.kind === 'memory' ? 0.35 : 0.15;
  }
  if (family.kind === 'mapping' || family.kind === 'number') cost += 0.1;
  return cost;
}

const isFailure = (exit: LostDefect['exit']): boolean => exit === 'error' || exit === 'null';
