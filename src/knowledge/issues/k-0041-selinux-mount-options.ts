import type { KnownIssue } from '../issue.ts';

export const k0041: KnownIssue = {
  id: 'K-0041',
  title: 'SELinux: each mount with a context option leaves a copy of the label',
  cause: 'selinux_sb_eat_lsm_opts() copies the option and kept the copy after it had been turned into a security id.',
  fix: 'A kernel with commit cad140d00899 (August 2022).',
  fixedIn: 'Linux 6.0 (commit cad140d00899)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['https://github.com/SELinuxProject/selinux-kernel/issues/62', 'cad140d00899'],
  signature: {
    functions: ['selinux_sb_eat_lsm_opts'],
    kernel: [{ before: '6.0' }],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['selinux', 'mount', 'context', 'selinux_sb_eat_lsm_opts', 'kmemdup_nul', '5.19.0-rc2'],
};
