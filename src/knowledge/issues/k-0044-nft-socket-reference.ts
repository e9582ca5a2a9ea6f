import type { KnownIssue } from '../issue.ts';

export const k0044: KnownIssue = {
  id: 'K-0044',
  title: 'nftables: a rule with the socket expression keeps sockets',
  cause:
    'nft_socket_eval() looks a socket up and returned without putting it where the socket is no full one (a connection in TIME_WAIT or being set up), or has no control group.',
  fix: 'Linux 5.4.295, 5.10.239, 5.15.168, 6.1.111, 6.6.52, 6.10.11 or 6.11.',
  fixedIn: 'Linux 6.1.111, 6.6.52, 6.11 and older stable series (commit 8b26ff7af8c3)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['8b26ff7af8c3', '039b1f4f24ec', 'https://www.cve.org/CVERecord?id=CVE-2024-46855'],
  signature: {
    caches: ['tw_sock_TCP(?:v6)?', 'request_sock_TCP(?:v6)?', 'TCP(?:v6)?'],
    functions: ['nft_socket_eval', 'nf_sk_lookup_slow_v[46]'],
    modules: ['nft_socket'],
    kernel: [
      { from: '5.3', before: '5.4.295' },
      { from: '5.5', before: '5.10.239' },
      { from: '5.11', before: '5.15.168' },
      { from: '5.16', before: '6.1.111' },
      { from: '6.2', before: '6.6.52' },
      { from: '6.7', before: '6.10.11' },
    ],
    weight: {
      identifies: [
        ['functions', 'kernel'],
        ['caches', 'modules', 'kernel'],
      ],
      suggests: [['modules', 'kernel']],
    },
  },
  words: ['nft_socket', 'nft_socket_eval', 'nftables', 'TCP', 'tw_sock_TCP', 'TIME_WAIT', 'socket', '6.1.50'],
};
