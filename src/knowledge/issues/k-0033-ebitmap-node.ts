import type { KnownIssue } from '../issue.ts';

export const k0033: KnownIssue = {
  id: 'K-0033',
  title: 'SELinux: ebitmap_node grows to tens of gigabytes',
  cause:
    'Not established. Two users of a 4.19-based container distribution saw hundreds of millions of objects after days; SELinux keeps the sets of categories and roles of its policy and contexts in them.',
  fix: 'A newer kernel was recommended (5.5 or later); the outcome is not in the thread. Look for what loads policy or makes new contexts again and again (each container gets its own categories).',
  status: 'open',
  certainty: 'associated',
  references: ['https://github.com/SELinuxProject/selinux/issues/220', 'https://github.com/coreos/bugs/issues/2637'],
  signature: { caches: ['ebitmap_node'], weight: { identifies: [], suggests: [['caches']] } },
  words: ['selinux', 'ebitmap_node', 'policy', 'coreos', 'SUnreclaim'],
};
