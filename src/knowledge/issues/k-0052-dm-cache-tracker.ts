import type { KnownIssue } from '../issue.ts';

export const k0052: KnownIssue = {
  id: 'K-0052',
  title: 'dm-cache: a cache that is torn down with queued work leaves bt_work objects',
  cause:
    'btracker_destroy() destroyed its slab cache without freeing the promotions and demotions that were still queued. The kernel says that objects remain in bt_work, and may stop there.',
  fix: 'Linux 6.1.16, 6.2.3 or 6.3.',
  fixedIn: 'Linux 6.1.16, 6.2.3, 6.3 (commit 95ab80a8a0fe)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['95ab80a8a0fe', 'b29d4986d0da', 'https://www.cve.org/CVERecord?id=CVE-2023-53765'],
  signature: {
    logs: ['Objects remaining in bt_work'],
    caches: ['bt_work'],
    kernel: [
      { from: '4.12', before: '6.1.16' },
      { from: '6.2', before: '6.2.3' },
    ],
    weight: { identifies: [['logs']], suggests: [['caches', 'kernel']] },
  },
  words: ['dm-cache', 'bt_work', 'Objects remaining in bt_work', 'lvmcache', 'device mapper', '5.15.30'],
};
