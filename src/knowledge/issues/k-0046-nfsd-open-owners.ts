import type { KnownIssue } from '../issue.ts';

export const k0046: KnownIssue = {
  id: 'K-0046',
  title: 'NFS server: open owners stay when two opens of one owner cross (nfsd4_openowners)',
  cause:
    'Where an open is sent again after a forced unmount of the client, find_or_alloc_open_stateowner() can hash an owner of a session that is being unhashed; nobody frees it. Removing the module then says that objects remain in nfsd4_openowners.',
  fix: 'Linux 5.4.287, 5.10.231, 5.15.174, 6.1.120, 6.6.64, 6.12.4 or 6.13.',
  fixedIn: 'Linux 6.1.120, 6.6.64, 6.12.4, 6.13 and older stable series (commit 98100e88dd88)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['98100e88dd88', 'https://www.cve.org/CVERecord?id=CVE-2024-56779'],
  signature: {
    caches: ['nfsd4_openowners'],
    logs: ['Objects remaining in nfsd4_openowners'],
    kernel: [
      { from: '3.17', before: '5.4.287' },
      { from: '5.5', before: '5.10.231' },
      { from: '5.11', before: '5.15.174' },
      { from: '5.16', before: '6.1.120' },
      { from: '6.2', before: '6.6.64' },
      { from: '6.7', before: '6.12.4' },
    ],
    weight: {
      identifies: [
        ['logs', 'kernel'],
        ['caches', 'kernel'],
      ],
      suggests: [['caches']],
    },
  },
  words: [
    'nfsd',
    'nfsd4_openowners',
    'Objects remaining in nfsd4_openowners',
    'nfs',
    'open owner',
    'umount -f',
    '6.1.50',
  ],
};
