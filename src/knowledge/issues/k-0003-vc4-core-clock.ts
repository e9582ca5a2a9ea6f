import type { KnownIssue } from '../issue.ts';

export const k0003: KnownIssue = {
  id: 'K-0003',
  title: 'Raspberry Pi kernels 5.10.47 to 5.10.52: kmalloc-128 grows while video plays',
  cause:
    'A vc4 change that raises the core clock with the load of the display pipeline; the exact leak was not named. One user of 32-bit ARM still ran out of memory after the revert.',
  fix: 'A Raspberry Pi kernel from 27 July 2021 on, where that change was partly reverted.',
  fixedIn: 'rpi-5.10.y after pull request 4478',
  status: 'fixed',
  certainty: 'reported',
  references: [
    'https://github.com/raspberrypi/linux/issues/4474',
    'https://github.com/raspberrypi/linux/pull/4478',
    'https://github.com/anholt/linux/issues/156',
  ],
  signature: {
    caches: ['kmalloc-(?:cg-)?128'],
    modules: ['vc4'],
    kernel: [{ from: '5.10.47', before: '5.10.53' }],
    weight: { identifies: [], suggests: [['caches', 'modules', 'kernel']] },
  },
  words: ['vc4', 'kodi', 'raspberry', 'kmalloc-128', '5.10.48-v7l+'],
};
