import type { KnownIssue } from '../issue.ts';

export const k0014: KnownIssue = {
  id: 'K-0014',
  title:
    'A module takes a path reference, closes the file, then puts the cleared path: socket inodes and dentries stay',
  cause:
    "A hook around close() calls path_get() on the file's path, lets the original close run, and calls path_put() through the file's own struct path. Close has cleared those pointers, so nothing is put, and a dentry with its inode stays for each closed socket or file.",
  fix: 'Copy the struct path before close and put the copy; better, hold the file with get_file() and fput(). Dropping caches gives nothing back: the dentries are in use.',
  status: 'workaround',
  certainty: 'confirmed',
  references: ['https://docs.kernel.org/filesystems/path-lookup.html'],
  signature: {
    together: ['sock_inode_cache', 'dentry(?:_cache)?'],
    functions: ['path_get', 'path_put'],
    layers: ['slab-reclaimable', 'slab-unreclaimable'],
    weight: { identifies: [['together', 'functions']], suggests: [['together', 'layers']] },
  },
  words: [
    'path_get',
    'path_put',
    'sock_inode_cache',
    'dentry',
    'hook',
    'antivirus',
    'security',
    'close',
    'reference',
    'lockstep',
  ],
};
