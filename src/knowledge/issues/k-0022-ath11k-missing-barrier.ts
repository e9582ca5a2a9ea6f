import type { KnownIssue } from '../issue.ts';

export const k0022: KnownIssue = {
  id: 'K-0022',
  title: 'ath11k in 6.12 stable: receive buffers leak after "msdu_done bit in attention is not set"',
  cause:
    'One reporter: the back-port of ab52e3e44fe9 to 6.12 took over the careful reads and left out a read barrier, so descriptors are read too early on weakly ordered machines.',
  fix: 'Put the barrier in; reloading the driver gives the memory back until then.',
  status: 'open',
  certainty: 'reported',
  references: ['https://github.com/openwrt/openwrt/issues/24416', 'ab52e3e44fe9'],
  signature: {
    logs: ['ath11k.{0,80}msdu_done bit in attention is not set'],
    modules: ['ath11k(?:_ahb|_pci)?'],
    kernel: [{ from: '6.12', before: '6.13' }],
    weight: { identifies: [['logs', 'kernel']], suggests: [['logs']] },
  },
  words: [
    'ath11k',
    'dma_rmb',
    'barrier',
    'openwrt',
    'ath11k c000000.wifi: msdu_done bit in attention is not set',
    '6.12.40',
  ],
};
