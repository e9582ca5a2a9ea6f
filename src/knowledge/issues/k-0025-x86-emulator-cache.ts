import type { KnownIssue } from '../issue.ts';

export const k0025: KnownIssue = {
  id: 'K-0025',
  title: 'kvm: the x86_emulator cache stays after the module is unloaded',
  cause:
    'Since 5.7 each virtual CPU has its emulation context from a cache of its own, and kvm_arch_exit() did not destroy that cache.',
  fix: 'Linux 5.10.46, 5.12 stable or 5.13 (commit dfdc0a714d24). Few objects: it matters where the module is loaded and unloaded many times.',
  fixedIn: 'Linux 5.10.46 and 5.13 (commit dfdc0a714d24)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['dfdc0a714d24', 'c9b8b07cded5'],
  signature: {
    caches: ['x86_emulator'],
    kernel: [
      { from: '5.7', before: '5.10.46' },
      { from: '5.11', before: '5.12.13' },
    ],
    weight: { identifies: [['caches', 'kernel']], suggests: [['caches']] },
  },
  words: ['kvm', 'x86_emulator', 'kmem_cache_destroy', 'module', 'unload', '5.10.20'],
};
