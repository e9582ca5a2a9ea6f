import type { KnownIssue } from '../issue.ts';

export const k0009: KnownIssue = {
  id: 'K-0009',
  title: 'A file opened with single_open() and released with seq_release() keeps its struct seq_operations',
  cause:
    'single_open() allocates the operation table, and only single_release() frees it. Each open of the file leaves one: 32 bytes, in kmalloc-32, or kmalloc-64 or 128 where the architecture aligns to that.',
  fix: "Put single_release in the file's operations. Reading the file less often slows the loss; the memory comes back with a reboot.",
  status: 'fixed',
  certainty: 'confirmed',
  references: ['4c3e48794dec', 'https://docs.kernel.org/filesystems/seq_file.html'],
  signature: {
    functions: ['single_open', 'single_open_size', 'single_start', 'single_next', 'single_stop'],
    caches: ['kmalloc-(?:cg-)?(?:32|64|128)', 'size-(?:32|64|128)'],
    weight: { identifies: [['functions']] },
  },
  words: [
    'single_open',
    'seq_release',
    'single_release',
    'seq_operations',
    'seq_file',
    'proc',
    'kmalloc-32',
    'kmalloc-128',
  ],
};
