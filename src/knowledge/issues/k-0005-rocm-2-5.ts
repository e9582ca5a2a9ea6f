import type { KnownIssue } from '../issue.ts';

export const k0005: KnownIssue = {
  id: 'K-0005',
  title: 'ROCm 2.5 (amdgpu-dkms): kmalloc-1024 grows until memory is used up',
  cause:
    'Not named. One reporter: 2.4 on the same kernel does not leak, and switching display core and audio off does not help.',
  fix: 'ROCm 2.6; the reporter saw the growth gone.',
  fixedIn: 'ROCm 2.6',
  status: 'fixed',
  certainty: 'reported',
  references: ['https://github.com/ROCm/legacy-rocm-build/issues/834'],
  signature: {
    caches: ['kmalloc-(?:cg-)?1(?:024|k)'],
    modules: ['amdgpu'],
    programs: [
      { name: 'rocm', from: '2.5', before: '2.6' },
      { name: 'rocm-dkms', from: '2.5', before: '2.6' },
    ],
    weight: { identifies: [['caches', 'programs']] },
  },
  words: ['rocm 2.5', 'amdgpu', 'amdgpu-dkms', 'kmalloc-1024'],
};
