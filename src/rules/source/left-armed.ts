import type { SourceRule } from '../source-rule.ts';

export const leftArmed: SourceRule = {
  id: 'left-armed',
  title: 'timers and work that nothing stops when their object goes',
  page: 'docs/leaks/caches-and-timers.md',
  examine(defect) {
    if (defect.kind !== 'left-armed') return undefined;
    const { what, member, started } = defect;
    const stop =
      what === 'timer' ? 'timer_delete_sync' : what === 'delayed work' ? 'cancel_delayed_work_sync' : 'hrtimer_cancel';
    return {
      title: `${member}: a ${what} is started and never stopped`,
      summary: `A ${what} is started with ${started}(); neither ${defect.function}() nor anything else that was read stops ${member}, so that what holds it is kept, or used after it was freed.`,
      layer: 'slab-unreclaimable',
      confidence: 0.65,
      subject: { function: defect.function, callSite: started },
      fix: `${stop}() on ${member} in ${defect.function}(), before what holds it is freed.`,
    };
  },
};
