import type { SourceRule } from '../source-rule.ts';

export const selfRealloc: SourceRule = {
  id: 'self-realloc',
  title: 'a pointer that is overwritten by the krealloc() of itself',
  page: 'docs/leaks/error-paths.md',
  examine(defect) {
    if (defect.kind !== 'self-realloc') return undefined;
    const { holder, by } = defect;
    return {
      title: `${holder} = ${by}(${holder}, …): lost where it fails`,
      summary: `${defect.function}() overwrites ${holder} with the result of ${by}(): where that is NULL, the old memory is still allocated and nothing points to it.`,
      layer: 'slab-unreclaimable',
      confidence: 0.7,
      subject: { function: defect.function, callSite: by },
      fix: `Keep the result in another variable, and set ${holder} when it is not NULL.`,
    };
  },
};
