import { spellBytes, spellShare } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { collectAll } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Only `free` and a sum over processes: used memory that no process holds, without the counters that would say where. */
export const usedBeyondProcesses: Rule<'snapshot'> = defineRule({
  id: 'used-beyond-processes',
  title: 'memory in use that no process holds',
  needs: ['snapshot'],
  examine({ snapshot }): readonly Finding[] {
    const { counters, processSum } = snapshot;
    const held = processSum?.pss ?? processSum?.rss;
    const total = counters.get('MemTotal');
    const free = counters.get('MemFree');
    if (!held || !total || !free || counters.has('Slab') || counters.has('SUnreclaim')) return [];
    const cached =
      counters.get('BuffCache')?.bytes ?? (counters.get('Cached')?.bytes ?? 0) + (counters.get('Buffers')?.bytes ?? 0);
    const gap = total.bytes - free.bytes - cached - held.bytes;
    if (gap < total.bytes * 0.15) return [];
    return [
      {
        id: 'used-beyond-processes',
        title: `${spellBytes(gap)} (${spellShare(gap / total.bytes)} of RAM) are in use and held by no process`,
        summary: `${spellBytes(gap)} (${spellShare(gap / total.bytes)} of RAM) are in use, neither cache nor held by a process. In a virtual machine a balloon does that; else it is the kernel: meminfo would tell which part of it.`,
        verdict: 'inconclusive',
        layer: 'page-allocator',
        confidence: 0.55,
        bytes: bytes(gap),
        evidence: [
          { text: `used without caches: ${spellBytes(total.bytes - free.bytes - cached)}`, source: total.at },
          {
            text: `all processes together: ${spellBytes(held.bytes)}${processSum?.pss ? '' : ' (RSS: shared pages count several times)'}`,
            source: held.at,
          },
        ],
        next: [
          {
            command:
              'vmware-toolbox-cmd stat balloon; lsmod | grep -E "vmw_balloon|vmmemctl|virtio_balloon|hv_balloon"',
            why: 'whether a hypervisor has taken the memory back',
            risk: 'none',
          },
          collectAll,
        ],
        terms: ['balloon', 'RSS', 'memory equation'],
      },
    ];
  },
});
