import type { SourceRule } from '../source-rule.ts';

/** What probe takes and remove forgets. */
export const forgottenMember: SourceRule = {
  id: 'forgotten-member',
  title: 'what one function of a pair takes and the other one does not give back',
  page: 'docs/leaks/never-freed.md',
  examine(defect) {
    if (defect.kind !== 'forgotten') return undefined;
    const { family, holder, taker, undoer, undoerLine, freedBy } = defect;
    const isCall = family.id.startsWith('pair:');
    return {
      title: isCall
        ? `${holder}: what it made is not undone by ${undoer}()`
        : `${holder}: ${family.noun} of ${taker}() is not given back by ${undoer}()`,
      summary: isCall
        ? `${defect.function}() calls ${taker}(), and ${undoer}(), which undoes it, does not call ${family.partner}().`
        : `${defect.function}() keeps ${family.noun} in ${holder}; ${undoer}(), which undoes it, leaves it behind.`,
      layer: family.layer,
      confidence: isCall ? 0.55 : freedBy === undefined ? 0.6 : 0.8,
      subject: {
        ...(family.type === undefined ? {} : { type: family.type }),
        function: defect.function,
        callSite: taker,
      },
      fix: `${family.partner}(${isCall ? '…' : holder}) in ${undoer}() (line ${undoerLine})${freedBy === undefined ? '' : `, as ${freedBy}() does where it fails`}.`,
    };
  },
};
