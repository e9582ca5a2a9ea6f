import type { SourceRule } from '../source-rule.ts';

export const wrongFree: SourceRule = {
  id: 'wrong-free',
  title: 'memory that is given back to the wrong function',
  page: 'docs/leaks/wrong-free.md',
  examine(defect) {
    if (defect.kind !== 'wrong-free') return undefined;
    const { family, holder, by, taker } = defect;
    return {
      title: `${holder}: taken with ${taker}(), freed with ${by}()`,
      summary: `${defect.function}() takes ${family.noun} with ${taker}() and frees it with ${by}(), which does not free it, or corrupts what it does free.`,
      layer: family.layer,
      confidence: 0.85,
      subject: { function: defect.function, callSite: taker },
      fix: `${family.partner}(${holder}) instead of ${by}().`,
    };
  },
};
