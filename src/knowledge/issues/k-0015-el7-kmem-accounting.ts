import type { KnownIssue } from '../issue.ts';

export const k0015: KnownIssue = {
  id: 'K-0015',
  title: 'Red Hat 7 kernels: kernel memory accounting of containers leaks caches and cgroups',
  cause:
    'Kernel memory accounting of memory cgroups was experimental in 3.10. Once a runtime switches it on, each container gets its own copies of slab caches, which stay after the container has gone; at last allocations fail with "SLUB: Unable to allocate memory".',
  fix: 'Boot with cgroup.memory=nokmem, or use builds of runc and kubelet that leave accounting off. A user of that thread was told that 3.10.0-1075.el7 holds a fix.',
  fixedIn: '3.10.0-1075.el7, as told to one user',
  status: 'workaround',
  certainty: 'confirmed',
  references: [
    'https://github.com/opencontainers/runc/issues/1725',
    'https://github.com/kubernetes/kubernetes/issues/61937',
    'https://github.com/docker/for-linux/issues/841',
    'https://github.com/moby/moby/issues/35545',
    'https://github.com/moby/moby/issues/29879',
  ],
  signature: {
    logs: [
      'cache: [\\w-]{1,64}\\(\\d{1,6}:',
      'Objects remaining in [\\w-]{1,64}\\(\\d{1,6}:',
      'slub-cannot-allocate [\\w-]{1,64}\\(',
    ],
    kernel: [{ flavour: '\\.el7', before: '3.10.0-1075' }],
    weight: { identifies: [['logs', 'kernel']] },
  },
  words: [
    'kmem',
    'nokmem',
    'accounting',
    'docker',
    'kubernetes',
    'runc',
    'cgroup.memory=nokmem',
    'SLUB',
    '3.10.0-514.el7.x86_64',
    'cache: ip6_dst_cache(0:18479a49f76b',
  ],
};
