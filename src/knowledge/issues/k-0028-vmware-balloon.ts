import type { KnownIssue } from '../issue.ts';

export const k0028: KnownIssue = {
  id: 'K-0028',
  title: 'VMware balloon: the hypervisor has taken memory back from the guest',
  cause:
    'The balloon driver takes pages inside the guest and hands them to the host. They count as used, belong to no process, and older drivers show them in no counter. It means that the host is short of memory or the guest has a limit set.',
  fix: 'vmware-toolbox-cmd stat balloon says how much. Give the guest a reservation, remove its memory limit, or relieve the host.',
  status: 'not-a-fault',
  certainty: 'confirmed',
  references: [
    'https://rtfmp.com/2016/03/18/balloon-driver-linux/',
    'https://it.megocollector.com/tips-and-tricks/memory-utilization-high-in-linux-vm/',
    'https://access.redhat.com/solutions/43729',
  ],
  signature: {
    modules: ['vmw_balloon', 'vmware_balloon', 'vmmemctl'],
    layers: ['balloon', 'page-allocator'],
    verdictHint: 'not-a-leak',
    weight: { identifies: [], suggests: [['modules', 'layers']] },
  },
  words: ['vmware', 'balloon', 'vmw_balloon', 'vmmemctl', 'esx', 'hypervisor', 'guest'],
};
