import type { KnownIssue } from '../issue.ts';

export const k0013: KnownIssue = {
  id: 'K-0013',
  title: 'kmemleak switched itself off: its early buffer was too small',
  cause:
    'Before its own caches exist, the detector notes allocations in a buffer of fixed size. Where more come than fit, it disables itself for good, and its report stays empty.',
  fix: 'Build with a larger CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE (up to Linux 5.3) or CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE (from 5.4 on); the message of old kernels says how many entries were needed. kmemleak=on belongs on the command line where it is off by default.',
  status: 'workaround',
  certainty: 'confirmed',
  references: ['https://docs.kernel.org/dev-tools/kmemleak.html'],
  signature: {
    logs: ['[Ee]arly log buffer exceeded', 'DEBUG_KMEMLEAK_(?:EARLY_LOG|MEM_POOL)_SIZE', 'kmemleak: Memory pool empty'],
    verdictHint: 'inconclusive',
    weight: { identifies: [['logs']] },
  },
  words: [
    'kmemleak',
    'early log buffer exceeded',
    'DEBUG_KMEMLEAK_EARLY_LOG_SIZE',
    'DEBUG_KMEMLEAK_MEM_POOL_SIZE',
    'disabled',
    'Early log buffer exceeded',
  ],
};
