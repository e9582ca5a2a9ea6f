import type { KnownIssue } from '../issue.ts';

export const k0051: KnownIssue = {
  id: 'K-0051',
  title: 'exFAT: look-ups of damaged entries keep buffer heads',
  cause:
    "exfat_find() returned on a bad size or link without giving back the entry set that it had read, so a block's buffer stays in use.",
  fix: 'Linux 6.12.68, 6.18.2 or 6.19.',
  fixedIn: 'Linux 6.12.68, 6.18.2, 6.19 (commit 9aee8de970f1)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['9aee8de970f1', '13940cef9549', 'https://www.cve.org/CVERecord?id=CVE-2025-68351'],
  signature: {
    functions: ['exfat_find', 'exfat_get_dentry_set'],
    modules: ['exfat'],
    caches: ['buffer_head'],
    kernel: [
      { from: '6.12.23', before: '6.12.68' },
      { from: '6.13.11', before: '6.18.2' },
    ],
    weight: {
      identifies: [
        ['functions', 'kernel'],
        ['caches', 'modules', 'kernel'],
      ],
      suggests: [['functions']],
    },
  },
  words: ['exfat', 'exfat_find', 'exfat_get_dentry_set', 'buffer_head', '6.14.3'],
};
