import type { KnownIssue } from '../issue.ts';

export const k0021: KnownIssue = {
  id: 'K-0021',
  title: 'ath11k on IPQ807x and IPQ60xx: memory shrinks with traffic, slab and kmemleak stay clean',
  cause:
    'Receive buffers are cut from 32 KiB blocks of a fragment cache shared by all rings; one buffer in use holds its whole block. Whether that is the whole story is disputed. Unloading the driver gives the memory back.',
  fix: 'Under way: a fragment cache per ring (pull request), or smaller rings for boards with little RAM. One tester ran out of memory in 89 minutes without it and not at all with it.',
  status: 'open',
  certainty: 'reported',
  references: [
    'https://github.com/openwrt/openwrt/pull/24254',
    'https://github.com/openwrt/openwrt/issues/24154',
    'https://github.com/openwrt/openwrt/issues/19702',
  ],
  signature: {
    modules: ['ath11k(?:_ahb|_pci)?'],
    layers: ['page-allocator'],
    functions: ['ath11k_dp_rxbufs_replenish', 'ath11k_dp_rxdma_.*'],
    weight: { identifies: [['functions', 'layers']], suggests: [['modules', 'layers']] },
  },
  words: [
    'ath11k',
    'ath11k_ahb',
    'openwrt',
    'IPQ807x',
    'IPQ8074',
    'MX4200',
    'page',
    'fragment',
    'ath11k_dp_rxbufs_replenish',
    'wifi',
  ],
};
