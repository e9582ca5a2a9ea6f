import type { NeverFreedDefect } from '../../model/source/defect.ts';
import type { SourceRule } from '../source-rule.ts';

/** What is kept where nothing frees it: a ring that overwrites its slots, a buffer that outlives its module. */
export const neverFreed: SourceRule = {
  id: 'never-freed',
  title: 'memory that is kept where nothing ever frees it',
  page: 'docs/leaks/never-freed.md',
  examine(defect) {
    if (defect.kind !== 'never-freed' || defect.family.id === 'slab_cache') return undefined;
    const { family, holder, member, taker, when } = defect;
    const lost =
      when === 'calls'
        ? 'each call that finds the place taken loses what was there'
        : 'it is lost when the module is unloaded';
    return {
      title: `${holder}: ${family.noun} of ${taker}() is never freed`,
      summary: `${defect.function}() stores ${family.noun} in ${holder}; nothing in what was read frees ${member}, and ${lost}.`,
      layer: family.layer,
      confidence: sureness(defect),
      subject: {
        ...(family.type === undefined ? {} : { type: family.type }),
        function: defect.function,
        callSite: taker,
      },
      fix:
        when === 'calls'
          ? `Give back what ${holder} holds before it is set anew, with ${family.partner}(), and what is left when the object goes.`
          : `${family.partner}(${holder}) where the module or the device goes.`,
    };
  },
};

const sureness = ({ family, when }: NeverFreedDefect): number => {
  if (when === 'unload') return family.kind === 'mapping' ? 0.5 : 0.7;
  return family.kind === 'pages' ? 0.85 : 0.65;
};
