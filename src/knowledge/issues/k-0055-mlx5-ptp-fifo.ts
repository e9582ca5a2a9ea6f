import type { KnownIssue } from '../issue.ts';

export const k0055: KnownIssue = {
  id: 'K-0055',
  title: 'mlx5: transmit time stamps that are out of step lose socket buffers',
  cause:
    'After a lost completion the driver takes buffers out of its queue for PTP without freeing them, and a comparison of 16-bit counters lets it overwrite slots in use.',
  fix: 'Linux 6.1.18, 6.2.5 or 6.3.',
  fixedIn: 'Linux 6.1.18, 6.2.5, 6.3 (commit e435941b1da1)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['e435941b1da1', '58a518948f60', 'https://www.cve.org/CVERecord?id=CVE-2023-54238'],
  signature: {
    modules: ['mlx5_core'],
    functions: ['mlx5e_ptp_handle_ts_cqe', 'mlx5e_skb_fifo_push', 'mlx5e_skb_fifo_pop'],
    caches: ['skbuff_head_cache'],
    kernel: [
      { from: '6.0', before: '6.1.18' },
      { from: '6.2', before: '6.2.5' },
    ],
    weight: { identifies: [['functions', 'kernel']], suggests: [['caches', 'modules', 'kernel']] },
  },
  words: ['mlx5_core', 'mlx5e_ptp_handle_ts_cqe', 'skbuff_head_cache', 'ptp', 'hardware time stamps', '6.1.10'],
};
