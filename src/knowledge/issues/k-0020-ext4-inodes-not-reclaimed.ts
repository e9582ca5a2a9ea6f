import type { KnownIssue } from '../issue.ts';

export const k0020: KnownIssue = {
  id: 'K-0020',
  title: '4.19 before 4.19.65 with memory cgroups disabled: ext4_inode_cache is never reclaimed',
  cause:
    'With cgroup_disable=memory the reclaim code took the path for memory cgroups and skipped the shrinkers, so inodes and dentries stayed under pressure; drop_caches did nothing either.',
  fix: 'Linux 4.19.65 (commit fa1e512fac71), or boot with memory cgroups enabled.',
  fixedIn: 'Linux 4.19.65 and 5.3 (commit fa1e512fac71)',
  status: 'fixed',
  certainty: 'confirmed',
  references: [
    'https://github.com/raspberrypi/linux/issues/2829',
    'fa1e512fac71',
    'https://cdn.kernel.org/pub/linux/kernel/v4.x/ChangeLog-4.19.65',
  ],
  signature: {
    caches: ['ext4_inode_cache'],
    kernel: [{ from: '4.19', before: '4.19.65' }],
    layers: ['slab-reclaimable'],
    weight: { identifies: [], suggests: [['caches', 'kernel']] },
  },
  words: ['ext4_inode_cache', 'raspberry', 'cgroup_disable=memory', 'shrinker', 'drop_caches', '4.19.57-v7+'],
};
