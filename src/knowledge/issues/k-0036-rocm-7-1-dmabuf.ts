import type { KnownIssue } from '../issue.ts';

export const k0036: KnownIssue = {
  id: 'K-0036',
  title: 'amdgpu-dkms of ROCm 7.1: buffers stay after a job was killed, and reloading the driver frees nothing',
  cause:
    "As the vendor's engineer thinks likely: a patch to the import test of graphics buffers was missing in the 7.1 branches, so references to shared buffers (dma-buf) dangle.",
  fix: 'A driver of ROCm 7.2 or newer, or 7.0. Another user still saw a slower growth with 7.2.',
  fixedIn: 'ROCm 7.2',
  status: 'fixed',
  certainty: 'reported',
  references: [
    'https://github.com/ROCm/rocm-systems/issues/8263',
    'https://github.com/ROCm/legacy-rocm-build/issues/5915',
  ],
  signature: {
    modules: ['amdgpu'],
    programs: [
      { name: 'rocm', from: '7.1', before: '7.2' },
      { name: 'rocm-core', from: '7.1', before: '7.2' },
    ],
    layers: ['page-allocator', 'shmem'],
    weight: { identifies: [['programs', 'layers']] },
  },
  words: ['rocm 7.1.1', 'amdgpu', 'dma-buf', 'slurm', 'MI210', 'stranded'],
};
