import type { KnownIssue } from '../issue.ts';

export const k0024: KnownIssue = {
  id: 'K-0024',
  title: '4.17 to 4.18: tools that use wireless extensions (iwconfig) leak station statistics',
  cause:
    'The compatibility code for wireless extensions asks a station for its statistics and does not free the part that is allocated for it. The Wi-Fi driver looks guilty and is not. iw and the modern tools do not take this path.',
  fix: 'A later 4.18 or 4.19 stable kernel; until then use iw in place of iwconfig, and applets that do.',
  fixedIn: 'mainline and stable, autumn 2018',
  status: 'fixed',
  certainty: 'confirmed',
  references: [
    'https://github.com/lwfinger/rtlwifi_new/issues/401',
    'https://github.com/lwfinger/rtlwifi_new/issues/414',
  ],
  signature: {
    functions: ['cfg80211_sinfo_alloc_tid_stats', 'cfg80211_wext_giwrate', 'cfg80211_wireless_stats', 'sta_set_sinfo'],
    modules: ['cfg80211', 'mac80211'],
    kernel: [{ from: '4.17', before: '4.20' }],
    weight: { identifies: [['functions', 'kernel']] },
  },
  words: [
    'iwconfig',
    'wireless',
    'extensions',
    'cfg80211',
    'mac80211',
    'rtl8723be',
    'cfg80211_wext_giwrate',
    '4.18.14-arch1-1',
  ],
};
