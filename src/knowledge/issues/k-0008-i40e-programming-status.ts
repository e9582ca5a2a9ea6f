import type { KnownIssue } from '../issue.ts';

export const k0008: KnownIssue = {
  id: 'K-0008',
  title: 'i40e in kernels 4.12 to 4.14: a page is lost with each filter programming status',
  cause:
    'A status descriptor of the flow director took its receive buffer out of the ring without giving the page back. In a dump the lost pages hold received frames: they begin with the MAC address of the port.',
  fix: 'A kernel with commit 2b9478ffc550 (4.14 and its back-ports; Oracle took it for UEK). Some reporters still lost memory on 4.14, so compare the slopes afterwards.',
  fixedIn: 'Linux 4.14 (commit 2b9478ffc550)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['2b9478ffc550', 'https://www.codetd.com/en/article/13827872'],
  signature: {
    modules: ['i40e'],
    layers: ['page-allocator'],
    kernel: [{ from: '4.12', before: '4.15' }],
    programs: [{ name: 'i40e', before: '2.3.6' }],
    weight: { identifies: [], suggests: [['modules', 'layers', 'kernel']] },
  },
  words: ['i40e', 'X710', 'intel', 'ethernet', 'flow', 'director', '4.13.16'],
};
