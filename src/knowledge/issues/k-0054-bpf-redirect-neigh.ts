import type { KnownIssue } from '../issue.ts';

export const k0054: KnownIssue = {
  id: 'K-0054',
  title: 'bpf_redirect_neigh() behind a VXLAN device: a metadata_dst is lost with each packet (kmalloc-256)',
  cause:
    'The helper sets a new destination on the packet without dropping the one that the tunnel device attached. Met with the egress gateway of Cilium.',
  fix: 'Linux 5.10.246, 5.15.195, 6.1.157, 6.6.113, 6.12.54, 6.17.4 or 6.18.',
  fixedIn: 'Linux 6.1.157, 6.6.113, 6.12.54, 6.18 and older stable series (commit 23f3770e1a53)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['23f3770e1a53', 'b4ab31414970', 'https://www.cve.org/CVERecord?id=CVE-2025-40183'],
  signature: {
    functions: ['metadata_dst_alloc', 'tun_rx_dst', 'udp_tun_rx_dst'],
    modules: ['vxlan'],
    caches: ['kmalloc-(?:rnd-\\d+-)?256'],
    kernel: [
      { from: '5.10', before: '5.10.246' },
      { from: '5.11', before: '5.15.195' },
      { from: '5.16', before: '6.1.157' },
      { from: '6.2', before: '6.6.113' },
      { from: '6.7', before: '6.12.54' },
      { from: '6.13', before: '6.17.4' },
    ],
    weight: {
      identifies: [['functions', 'modules', 'kernel']],
      suggests: [
        ['caches', 'modules', 'kernel'],
        ['functions', 'kernel'],
      ],
    },
  },
  words: ['bpf_redirect_neigh', 'metadata_dst_alloc', 'vxlan', 'cilium', 'kmalloc-256', 'egress gateway', '6.6.50'],
};
