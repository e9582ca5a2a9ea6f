import type { KnownIssue } from '../issue.ts';

export const k0049: KnownIssue = {
  id: 'K-0049',
  title: 'TCP and UDP: MSG_ZEROCOPY with transmit time stamps keeps the socket and its buffers',
  cause:
    'A clone with the time stamp lies in the error queue and holds the reference of the zerocopy state, which holds the socket, whose error queue is emptied only when the socket goes.',
  fix: 'Linux 4.14.315, 4.19.283, 5.4.243, 5.10.180, 5.15.111, 6.1.28, 6.2.15, 6.3.2 or 6.4; these bring a rarer leak of a clone, mended some releases later (commit 8a02fb71d719).',
  fixedIn: 'Linux 5.15.111, 6.1.28, 6.4 and older stable series (commit 50749f2dd685)',
  status: 'fixed',
  certainty: 'confirmed',
  references: [
    '50749f2dd685',
    '8a02fb71d719',
    'https://www.cve.org/CVERecord?id=CVE-2023-53489',
    'https://www.cve.org/CVERecord?id=CVE-2023-53716',
  ],
  signature: {
    functions: ['msg_zerocopy_alloc', '__skb_tstamp_tx', 'msg_zerocopy_realloc'],
    kernel: [
      { from: '4.14', before: '4.14.315' },
      { from: '4.15', before: '4.19.283' },
      { from: '4.20', before: '5.4.243' },
      { from: '5.5', before: '5.10.180' },
      { from: '5.11', before: '5.15.111' },
      { from: '5.16', before: '6.1.28' },
      { from: '6.2', before: '6.2.15' },
      { from: '6.3', before: '6.3.2' },
    ],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['msg_zerocopy_alloc', '__skb_tstamp_tx', 'MSG_ZEROCOPY', 'SO_TIMESTAMPING', 'skbuff_head_cache', '5.15.30'],
};
