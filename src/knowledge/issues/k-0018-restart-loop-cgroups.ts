import type { KnownIssue } from '../issue.ts';

export const k0018: KnownIssue = {
  id: 'K-0018',
  title: 'A unit in a restart loop: unreclaimable slab grows with each start',
  cause:
    'Each start makes a cgroup; state of its memory controller and its kernfs nodes stayed. One reporter saw 60 MB of SUnreclaim a day, freed by a reboot only; another the same with a container started every 30 seconds, of which dropping caches freed a part.',
  fix: 'Stop the loop: repair the unit, or set RestartSec and StartLimitIntervalSec. A newer kernel keeps less per dead cgroup (K-0017, K-0019).',
  status: 'workaround',
  certainty: 'reported',
  references: ['https://github.com/coreos/bugs/issues/1927'],
  signature: {
    caches: ['kernfs_node_cache'],
    layers: ['slab-unreclaimable', 'percpu'],
    weight: { identifies: [], suggests: [['caches', 'layers']] },
  },
  words: ['systemd', 'restart', 'loop', 'kernfs_node_cache', 'rkt', 'health', 'unit', 'SUnreclaim'],
};
