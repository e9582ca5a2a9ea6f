import type { KnownIssue } from '../issue.ts';

export const k0038: KnownIssue = {
  id: 'K-0038',
  title: 'Block layer: a failed SG_IO mapping leaves its bio and pages',
  cause:
    'Where __blk_rq_map_user_iov() fails half-way, blk_rq_map_user_iov() returned without freeing what bio_copy_user_iov() had allocated. The allocating function in the report is innocent.',
  fix: 'A kernel with commit 3b7995a98ad7 (5.5, and 5.4 stable).',
  fixedIn: 'Linux 5.5 (commit 3b7995a98ad7)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['3b7995a98ad7'],
  signature: {
    functions: ['bio_copy_user_iov', 'blk_rq_map_user_iov'],
    kernel: [{ before: '5.5' }],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['block', 'bio', 'sg_io', 'sg', 'bio_copy_user_iov', 'blk_rq_map_user_iov', '5.4.2'],
};
