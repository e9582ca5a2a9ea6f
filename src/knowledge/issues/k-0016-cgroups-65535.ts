import type { KnownIssue } from '../issue.ts';

export const k0016: KnownIssue = {
  id: 'K-0016',
  title: 'No more memory cgroups: 65,535 are counted, few are alive',
  cause:
    'An id of a memory cgroup is freed with its last page or object, and there are 65,535 of them. Removed cgroups that are still charged keep theirs, until mkdir fails with "No space left on device".',
  fix: 'echo 3 > /proc/sys/vm/drop_caches frees cgroups that only page cache holds; a kernel without K-0015 and K-0019 stops the pile-up.',
  status: 'workaround',
  certainty: 'confirmed',
  references: [
    'https://github.com/moby/moby/issues/29638',
    'https://github.com/lxc/lxc/issues/1443',
    'https://github.com/kubernetes/kubernetes/issues/61937',
    'https://github.com/moby/moby/issues/30909',
  ],
  signature: {
    logs: [
      'mkdir /sys/fs/cgroup/memory/[^ ]{1,400} (?:no|No) space left',
      '^memory\\s{1,8}\\d{1,3}\\s{1,8}6553[0-9]\\b',
    ],
    weight: { identifies: [['logs']] },
  },
  words: [
    'cgroup',
    'num_cgroups',
    '65535',
    'no space left on device',
    'docker',
    'lxc',
    'memory\t11\t65535\t1',
    'zombie',
  ],
};
