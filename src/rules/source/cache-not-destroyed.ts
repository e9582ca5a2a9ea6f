import type { SourceRule } from '../source-rule.ts';

export const cacheNotDestroyed: SourceRule = {
  id: 'cache-not-destroyed',
  title: 'slab caches that outlive their module',
  page: 'docs/leaks/caches-and-timers.md',
  examine(defect) {
    if (defect.kind !== 'never-freed' || defect.family.id !== 'slab_cache') return undefined;
    const { holder, taker } = defect;
    return {
      title: `${holder}: a slab cache is never destroyed`,
      summary: `${defect.function}() makes a slab cache with ${taker}() and keeps it in ${holder}; nothing in what was read destroys it.`,
      layer: 'slab-unreclaimable',
      confidence: 0.8,
      subject: { type: 'struct kmem_cache', function: defect.function, callSite: taker },
      fix: `kmem_cache_destroy(${holder}) where the module goes, behind the last kmem_cache_free().`,
    };
  },
};
