import type { KnownIssue } from '../issue.ts';

export const k0001: KnownIssue = {
  id: 'K-0001',
  title: 'vc4: every submitted command list keeps its fence (kmalloc-128)',
  cause:
    'vc4_submit_cl_ioctl() allocates a fence per job and the driver does not drop its reference after the fence has signalled, so each frame of video leaves one object behind.',
  fix: 'A kernel with "drm/vc4: Release fence after signalling": mainline 4.15, or a later rpi-4.14.y.',
  fixedIn: 'Linux 4.15; rpi-4.14.y of January 2018',
  status: 'fixed',
  certainty: 'confirmed',
  references: [
    'https://github.com/raspberrypi/linux/issues/2293',
    'https://github.com/raspberrypi/linux/issues/2326',
    'https://github.com/anholt/linux/issues/122',
  ],
  signature: {
    functions: ['vc4_submit_cl_ioctl'],
    caches: ['kmalloc-(?:cg-)?128'],
    modules: ['vc4'],
    kernel: [{ from: '4.10', before: '4.15' }],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions'], ['modules', 'caches', 'kernel']] },
  },
  words: ['vc4', 'kodi', 'raspberry', 'kmalloc-128', 'vc4_submit_cl_ioctl', 'fence', '4.14.0-v7+'],
};
