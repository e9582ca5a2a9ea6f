import type { KnownIssue } from '../issue.ts';

export const k0050: KnownIssue = {
  id: 'K-0050',
  title: 'CPUs that come and go: each time leaves a dentry of debugfs',
  cause:
    "update_sched_domain_debugfs() removes a directory with debugfs_remove(debugfs_lookup(…)): the look-up's reference on the dentry is never put. The same mistake stood in many drivers.",
  fix: 'Linux 5.15.68, 5.19.9 or 6.0: debugfs_lookup_and_remove().',
  fixedIn: 'Linux 5.15.68, 5.19.9, 6.0 (commit c2e406596571)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['c2e406596571', '3b87f136f8fc', 'https://www.cve.org/CVERecord?id=CVE-2022-48699'],
  signature: {
    functions: ['update_sched_domain_debugfs', 'debugfs_lookup'],
    caches: ['dentry'],
    kernel: [
      { from: '5.13', before: '5.15.68' },
      { from: '5.16', before: '5.19.9' },
    ],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions', 'caches']] },
  },
  words: ['update_sched_domain_debugfs', 'debugfs_lookup', 'dentry', 'cpu hotplug', 'debugfs', '5.15.30'],
};
