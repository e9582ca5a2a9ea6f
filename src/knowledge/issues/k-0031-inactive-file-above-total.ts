import type { KnownIssue } from '../issue.ts';

export const k0031: KnownIssue = {
  id: 'K-0031',
  title: 'Inactive(file) above MemTotal on a UEK 6.12 kernel: a counter is wrong, no memory is lost',
  cause:
    'One report, which was not found in public to be checked: the counter of inactive file pages runs away from what is there. A value above MemTotal cannot be memory. Sums that use it, MemAvailable among them, are wrong too.',
  fix: 'Judge by MemFree and the slope of what processes and slab hold; ask the vendor for a corrected kernel.',
  status: 'open',
  certainty: 'reported',
  references: ['https://docs.kernel.org/filesystems/proc.html'],
  signature: {
    logs: ['Inactive\\(file\\) (?:is )?above MemTotal'],
    kernel: [{ from: '6.12', before: '6.13', flavour: 'uek' }],
    verdictHint: 'not-a-leak',
    weight: { identifies: [['logs', 'kernel']], suggests: [['logs']] },
  },
  words: ['Inactive(file) above MemTotal', 'uek', 'oracle', 'meminfo', 'counter', '6.12.0-100.28.2.el9uek.x86_64'],
};
