import type { KnownIssue } from '../issue.ts';

export const k0027: KnownIssue = {
  id: 'K-0027',
  title: 'cifs: mounting leaves copies of the source string (smb3_fs_context_parse_param)',
  cause: 'A "source" given more than once replaced the copied string without freeing the former one.',
  fix: 'A kernel with commit e8c73eb7db0a, back-ported to 6.6 and other stable series.',
  fixedIn: 'commit e8c73eb7db0a',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['e8c73eb7db0a'],
  signature: {
    functions: ['smb3_fs_context_parse_param', 'smb3_fs_context_fullpath'],
    weight: { identifies: [['functions']] },
  },
  words: ['cifs', 'smb3', 'mount', 'kstrdup', 'smb3_fs_context_parse_param', 'smb3_fs_context_fullpath'],
};
