import type { KnownIssue } from '../issue.ts';

export const k0017: KnownIssue = {
  id: 'K-0017',
  title: 'kmem_cache and kmem_cache_node grow alike: copies of slab caches made for memory cgroups',
  cause:
    'Up to Linux 5.8 each memory cgroup gets its own copies of the slab caches that it uses. Where cgroups come and go, copies of dead ones stay while one object of theirs is in use.',
  fix: 'Linux 5.9 or newer keeps one set of caches for all (commit 9855609bde03). Before that: fewer short-lived cgroups, or cgroup.memory=nokmem. Dropping caches helped in one thread.',
  fixedIn: 'Linux 5.9 (commit 9855609bde03)',
  status: 'fixed',
  certainty: 'confirmed',
  references: [
    '9855609bde03',
    'https://github.com/kubernetes-retired/kube-aws/issues/954',
    'https://github.com/lxc/lxc/issues/1443',
  ],
  signature: {
    together: ['kmem_cache', 'kmem_cache_node'],
    kernel: [{ before: '5.9' }, { flavour: '\\.el7' }],
    weight: { identifies: [['together', 'kernel']], suggests: [['together']] },
  },
  words: ['kmem_cache', 'kmem_cache_node', 'memcg', 'cgroup', 'kubernetes', '4.9.24-coreos'],
};
