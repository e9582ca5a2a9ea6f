import type { KnownIssue } from '../issue.ts';

export const k0042: KnownIssue = {
  id: 'K-0042',
  title: "Audit: each module load that is logged leaves a copy of the module's name",
  cause:
    "audit_reset_context() cleared the record's type before audit_free_module() looked at it, so the name was not freed.",
  fix: 'A kernel newer than 5.19 with the correction from the thread.',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['https://github.com/linux-audit/audit-kernel/issues/137'],
  signature: {
    functions: ['__audit_log_kern_module'],
    kernel: [{ before: '6.0' }],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['audit', 'auditd', 'modprobe', '__audit_log_kern_module', 'kstrdup', '5.19.0-rc2'],
};
