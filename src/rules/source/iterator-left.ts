import type { SourceRule } from '../source-rule.ts';

/** Loops that hold a reference on what they are at, left by break, goto or return. */
export const iteratorLeft: SourceRule = {
  id: 'iterator-left',
  title: 'loops over nodes and devices that are left with a reference held',
  page: 'docs/leaks/iterators.md',
  examine(defect) {
    if (defect.kind !== 'lost' || defect.loop === undefined) return undefined;
    const { family, holder, loop, assumed } = defect;
    return {
      title: `${holder}: ${loop}() is left with ${family.noun} held`,
      summary: `${defect.function}() leaves ${loop}() early; the loop drops ${family.noun} only when it goes on, and nobody drops the last one.`,
      layer: family.layer,
      confidence: Math.max(0.3, 0.9 - Math.min(3, assumed.lent) * 0.02 - assumed.calls * 0.05 - assumed.stores * 0.15),
      subject: {
        ...(family.type === undefined ? {} : { type: family.type }),
        function: defect.function,
        callSite: loop,
      },
      fix: `${family.partner}(${holder}) before the loop is left, or the _scoped variant of ${loop}().`,
    };
  },
};
