import type { KnownIssue } from '../issue.ts';

export const k0012: KnownIssue = {
  id: 'K-0012',
  title: 'A driver takes a reference on a terminal and never drops it: tty_struct stays (kmalloc-1024)',
  cause:
    'The open path of a line discipline or tty driver takes a tty reference (tty_kref_get, or an open count) that no close path gives back. Each session leaves a tty_struct and what hangs on it.',
  fix: 'Pair every tty_kref_get() with tty_kref_put(), on error paths too. Until then: fewer sessions, a reboot at a chosen time.',
  status: 'workaround',
  certainty: 'confirmed',
  references: ['https://docs.kernel.org/driver-api/tty/index.html'],
  signature: {
    functions: ['alloc_tty_struct', 'tty_init_dev'],
    caches: ['kmalloc-(?:cg-)?(?:1024|1k)', 'size-1024'],
    programs: [{ name: 'pppd' }],
    weight: {
      identifies: [
        ['functions', 'caches'],
        ['functions', 'programs'],
      ],
      suggests: [['functions']],
    },
  },
  words: ['tty', 'tty_struct', 'alloc_tty_struct', 'pppd', 'kmalloc-1024', 'terminal', 'reference', 'ldisc'],
};
