import type { KnownIssue } from '../issue.ts';

export const k0032: KnownIssue = {
  id: 'K-0032',
  title: 'vc4 in 5.15 on Raspberry Pi 0 to 3: each buffer object leaves a managed mutex entry',
  cause:
    'vc4_create_object() set up a mutex tied to the life of the device, not of the buffer object, so entries (kmalloc-256, with a name in kmalloc-128) pile up until the driver goes. Introduced by 72f1beeee46b, as a maintainer reads it.',
  fix: 'A Raspberry Pi kernel newer than the thread (January 2023).',
  status: 'fixed',
  certainty: 'reported',
  references: ['https://github.com/raspberrypi/linux/issues/5302', '72f1beeee46b'],
  signature: {
    functions: ['drmm_mutex_init'],
    caches: ['kmalloc-(?:cg-)?(?:128|256)'],
    modules: ['vc4'],
    weight: { identifies: [['functions', 'modules']], suggests: [['functions']] },
  },
  words: ['vc4', 'raspberry', 'drmm_mutex_init', 'kstrdup_const', 'kmalloc-256', 'kmalloc-128', 'kodi', '5.15.84-v8+'],
};
