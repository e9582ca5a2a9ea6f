import type { KnownIssue } from '../issue.ts';

export const k0026: KnownIssue = {
  id: 'K-0026',
  title: 'cifs: smb2_open_file() keeps a response buffer (cifs_small_rq, "Objects remaining")',
  cause:
    'The second attempt to open a file, added by e255612b5ed9, overwrites the pointer to the first answer without freeing it. Found when unloading the module reported objects left in cifs_small_rq.',
  fix: 'A kernel with e3a43633023e "smb/client: fix memory leak in smb2_open_file()" and its follow-up, which corrects a double free.',
  fixedIn: 'commit e3a43633023e (February 2026) and stable',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['e3a43633023e', 'e255612b5ed9', 'https://github.com/smfrench/smb3-kernel/pull/122'],
  signature: {
    caches: ['cifs_small_rq'],
    functions: ['smb2_open_file', 'cifs_destroy_request_bufs', 'cifs_small_buf_get'],
    logs: ['cifs_small_rq.{0,200}(?:Objects remaining|still has objects)'],
    weight: { identifies: [['logs'], ['caches', 'functions']], suggests: [['caches']] },
  },
  words: [
    'cifs',
    'smb',
    'cifs_small_rq',
    'smb2_open_file',
    'BUG cifs_small_rq (Not tainted): Objects remaining on __kmem_cache_shutdown()',
  ],
};
