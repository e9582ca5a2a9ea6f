import type { KnownIssue } from '../issue.ts';

export const k0045: KnownIssue = {
  id: 'K-0045',
  title: 'NUMA balancing: threads that scan at the same time lose a vma_numab_state (kmalloc-64)',
  cause:
    'task_numa_work() of two threads finds the same mapping without a state, and both allocate one; the second overwrites the first. Programs with many threads leave hundreds in each run.',
  fix: 'Linux 6.6.66, 6.12.5 or 6.13. Switching numa_balancing off stops it.',
  fixedIn: 'Linux 6.6.66, 6.12.5, 6.13 (commit 5f1b64e9a9b7)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['5f1b64e9a9b7', 'https://www.cve.org/CVERecord?id=CVE-2024-56613'],
  signature: {
    functions: ['task_numa_work'],
    kernel: [
      { from: '6.4', before: '6.6.66' },
      { from: '6.7', before: '6.12.5' },
    ],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['task_numa_work', 'vma_numab_state', 'numa_balancing', 'kmalloc-64', 'threads', 'hackbench', '6.6.20'],
};
