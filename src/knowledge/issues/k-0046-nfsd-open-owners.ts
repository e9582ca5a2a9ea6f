import type { KnownIssue } from '../issue.ts';

export const k0046: KnownIssue = {
  id: 'K-0046',
  title: 'NFS server: open owners and files stay when two opens of one owner cross (nfsd4_openowners, nfsd_file)',
  cause:
    'Two opens of one owner are processed at the same time (a client sends the second after umount -f killed the first): the second finds the owner unconfirmed and unhashes it while the first still works on it, and the owner, its state and its file are lost. When the server is stopped, the kernel says that objects remain in nfsd_file, and in the other caches of nfsd.',
  fix: 'Linux 5.4.287, 5.10.231, 5.15.174, 6.1.120, 6.6.64, 6.12.4 or 6.13.',
  fixedIn: 'Linux 6.1.120, 6.6.64, 6.12.4, 6.13 and older stable series (commit 98100e88dd88)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['98100e88dd88', 'https://www.cve.org/CVERecord?id=CVE-2024-56779'],
  signature: {
    caches: ['nfsd4_openowners', 'nfsd_file', 'nfsd_file_mark'],
    logs: ['Objects remaining in (?:nfsd_file|nfsd_file_mark|nfsd4_openowners)'],
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
    'nfsd_file',
    'Objects remaining in nfsd_file',
    'nfs',
    'open owner',
    'umount -f',
    '6.1.50',
  ],
};
