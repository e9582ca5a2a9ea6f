import type { KnownIssue } from '../issue.ts';

export const k0002: KnownIssue = {
  id: 'K-0002',
  title: 'vc4: a commit structure is kept for each display update (kmalloc-128)',
  cause:
    'Objects that drm_atomic_helper_setup_commit() allocates for vc4_atomic_commit() are never freed; found on the same board after the fence leak (K-0001) was fixed.',
  fix: 'The reporter saw no leak with two patches on rpi-4.15-rc7; which mainline release holds both is not established.',
  status: 'fixed',
  certainty: 'reported',
  references: ['https://github.com/anholt/linux/issues/123'],
  signature: {
    functions: ['drm_atomic_helper_setup_commit'],
    caches: ['kmalloc-(?:cg-)?128'],
    modules: ['vc4'],
    kernel: [{ from: '4.14', before: '4.16' }],
    weight: { identifies: [['functions', 'modules', 'kernel']], suggests: [['functions', 'modules']] },
  },
  words: ['vc4', 'raspberry', 'kmalloc-128', 'drm_atomic_helper_setup_commit', 'vc4_atomic_commit', '4.14.0-v7+'],
};
