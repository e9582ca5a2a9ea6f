import type { KnownIssue } from '../issue.ts';

export const k0040: KnownIssue = {
  id: 'K-0040',
  title: 'Open CAS: removing a core leaves its sequential cut-off table (vmalloc)',
  cause: 'ocf_core_seq_cutoff_init() has no counterpart on the path that removes a core.',
  fix: 'An Open CAS release with the clean-up added by the developers.',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['https://github.com/Open-CAS/open-cas-linux/issues/893', 'https://github.com/Open-CAS/ocf/issues/659'],
  signature: {
    functions: ['ocf_core_seq_cutoff_init'],
    modules: ['cas_cache'],
    layers: ['vmalloc'],
    weight: { identifies: [['functions']] },
  },
  words: ['open-cas', 'cas_cache', 'ocf', 'ocf_core_seq_cutoff_init', 'vmalloc'],
};
