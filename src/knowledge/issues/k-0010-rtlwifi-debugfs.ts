import type { KnownIssue } from '../issue.ts';

export const k0010: KnownIssue = {
  id: 'K-0010',
  title: 'rtlwifi: each read of a debugfs file of the driver leaves a struct seq_operations',
  cause:
    'The debugfs files were opened with single_open() and released with seq_release(); the pattern of K-0009. rtw88 had the same one at the same time.',
  fix: 'A kernel with commit 4c3e48794dec (sent in September 2019; 4.19 stable of January 2020).',
  fixedIn: 'commit 4c3e48794dec (autumn 2019) and stable',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['4c3e48794dec', 'https://lore.kernel.org/linux-wireless/20190904141611.4780-1-weiyongjun1@huawei.com/'],
  signature: {
    functions: ['dl_debug_open_common', 'rtl_debug_get_common'],
    modules: ['rtlwifi'],
    kernel: [{ from: '4.16', before: '5.5' }],
    weight: { identifies: [['functions']] },
  },
  words: ['rtlwifi', 'rtw88', 'debugfs', 'dl_debug_open_common', 'single_open', '4.19.50'],
};
