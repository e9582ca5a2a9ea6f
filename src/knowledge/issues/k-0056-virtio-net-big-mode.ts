import type { KnownIssue } from '../issue.ts';

export const k0056: KnownIssue = {
  id: 'K-0056',
  title: 'virtio_net in big-packet mode: pages of received packets are lost, no counter shows them',
  cause:
    'In that mode (large MTU or GSO without mergeable buffers) the pages behind the first are chained through page->private; page_to_skb() built a buffer around the first and forgot the rest.',
  fix: 'Linux 5.14.9 or 5.15. Mergeable receive buffers on the host side avoid the mode.',
  fixedIn: 'Linux 5.14.9, 5.15 (commit afd92d82c9d7)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['afd92d82c9d7', 'fb32856b16ad', 'https://www.cve.org/CVERecord?id=CVE-2021-47367'],
  signature: {
    functions: ['try_fill_recv', 'add_recvbuf_big', 'page_to_skb'],
    modules: ['virtio_net'],
    layers: ['page-allocator'],
    kernel: [{ from: '5.13', before: '5.14.9' }],
    weight: {
      identifies: [
        ['functions', 'kernel'],
        ['layers', 'modules', 'kernel'],
      ],
      suggests: [['modules', 'kernel']],
    },
  },
  words: ['virtio_net', 'page_to_skb', 'add_recvbuf_big', 'big packets', 'mergeable', '5.14.2'],
};
