import type { KnownIssue } from '../issue.ts';

export const k0006: KnownIssue = {
  id: 'K-0006',
  title: 'amdgpu with ROCm 1.6: six kmalloc caches grow in lockstep',
  cause:
    'The display core with audio of that driver; equal object counts in several caches say that one compound object is lost per event.',
  fix: 'Boot with amdgpu.dc=0 amdgpu.audio=0 on a host that needs no display.',
  status: 'workaround',
  certainty: 'reported',
  references: ['https://github.com/ROCm/legacy-rocm-build/issues/176'],
  signature: {
    together: ['kmalloc-192', 'kmalloc-256', 'kmalloc-512'],
    modules: ['amdkfd'],
    kernel: [{ from: '4.9', before: '4.14' }],
    weight: { identifies: [], suggests: [['together', 'modules', 'kernel']] },
  },
  words: [
    'amdgpu',
    'amdkfd',
    'rocm',
    'kmalloc-192',
    'kmalloc-256',
    'kmalloc-512',
    'amdgpu.dc',
    '4.11.0-kfd-compute-rocm-rel-1.6-115',
  ],
};
