import type { KnownIssue } from '../issue.ts';

export const k0023: KnownIssue = {
  id: 'K-0023',
  title: 'ice (Intel E810): receive pages leak with multi-buffer frames',
  cause:
    'Where the hardware posts a descriptor of size 0, ice_put_rx_mbuf() miscounts the buffers of a frame and leaves a page behind. One operator met it after Red Hat 9.4 was updated to 9.6.',
  fix: 'A kernel with commit 84bf1ac85af8 (September 2025, CVE-2025-39948). The operator was told so by the vendor; which Red Hat build holds it is not in the thread.',
  fixedIn: 'commit 84bf1ac85af8 (Linux 6.17)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['84bf1ac85af8', 'https://github.com/intel/ethernet-linux-ice/issues/52'],
  signature: {
    modules: ['ice'],
    layers: ['page-allocator'],
    functions: ['ice_alloc_rx_bufs', 'ice_alloc_mapped_page'],
    kernel: [{ from: '6.12', before: '6.17' }, { flavour: '\\.el9_[67]' }],
    weight: { identifies: [['functions', 'kernel']], suggests: [['modules', 'layers', 'kernel']] },
  },
  words: [
    'ice',
    'E810',
    'intel',
    'ethernet',
    'rhel',
    'CVE-2025-39948',
    'ice_alloc_mapped_page',
    'ice_put_rx_mbuf',
    '5.14.0-570.12.1.el9_6.x86_64',
  ],
};
