import type { KnownIssue } from '../issue.ts';

export const k0035: KnownIssue = {
  id: 'K-0035',
  title: 'page_pool: "stalled pool shutdown", pages are out after their network device has gone',
  cause:
    "A network driver's page pool waits for pages that somebody still holds: a socket buffer in a queue nobody reads, an XDP program, or a reference that was lost. The message names how many and for how long; the holder is not in it.",
  fix: 'Close sockets and detach programs of the device; where the number never falls, the holder leaks. page_owner names who allocated the pages, not who holds them.',
  status: 'open',
  certainty: 'associated',
  references: ['https://github.com/LibreQoE/LibreQoS/issues/551', 'https://docs.kernel.org/networking/page_pool.html'],
  signature: { logs: ['page_pool_release_retry\\(\\) stalled pool shutdown'], weight: { identifies: [['logs']] } },
  words: [
    'page_pool',
    'inflight',
    'stalled',
    'xdp',
    'skb',
    'page_pool_release_retry() stalled pool shutdown: id 51, 4032 inflight 26825 sec',
  ],
};
