import type { KnownIssue } from '../issue.ts';

export const k0039: KnownIssue = {
  id: 'K-0039',
  title: 'OpenWrt trunk of autumn 2020: mac80211 loses socket buffers on early return',
  cause:
    'A local patch to the transmit status functions returned from ieee80211_tx_status_ext() without handing the buffer on. Worst where stations have poor reception; out of memory in less than ten hours.',
  fix: "OpenWrt with the corrected patch 319 (pull request 3507, its author's reading).",
  status: 'fixed',
  certainty: 'reported',
  references: ['https://github.com/openwrt/openwrt/pull/3507'],
  signature: {
    functions: ['ieee80211_mgmt_tx'],
    modules: ['mac80211'],
    caches: ['skbuff_head_cache'],
    weight: { identifies: [], suggests: [['functions']] },
  },
  words: ['openwrt', 'mac80211', 'ieee80211_mgmt_tx', 'ieee80211_tx_status_ext', 'skbuff_head_cache', 'skb', 'hostapd'],
};
