import type { KnownIssue } from '../issue.ts';

export const k0011: KnownIssue = {
  id: 'K-0011',
  title: 'curl with NSS fills the dentry cache with names that do not exist',
  cause:
    'To measure how fast the file system is, NSS looks up thousands of names that do not exist beside its certificate database, each time a process loads it. Every look-up leaves a negative dentry. A health check that runs curl each second makes millions a day.',
  fix: 'Set NSS_SDB_USE_CACHE=yes where curl is started (NSS 3.16, Red Hat 6 nss-softokn 3.14.3-12 and later); NSS 3.52 and newer measures elsewhere and does not pollute the cache (Red Hat 7.9 has it). The dentries are reclaimable: dropping them is safe off-peak.',
  fixedIn: 'the variable: NSS 3.16, nss-softokn 3.14.3-12.el6; without it: NSS 3.52',
  status: 'not-a-fault',
  certainty: 'confirmed',
  references: [
    'https://bugzilla.redhat.com/show_bug.cgi?id=1044666',
    'https://bugzilla.redhat.com/show_bug.cgi?id=1779325',
    'https://bugzilla.mozilla.org/show_bug.cgi?id=956082',
    'https://bugzilla.mozilla.org/show_bug.cgi?id=1603801',
    'https://lwn.net/Articles/894432/',
  ],
  signature: {
    caches: ['dentry', 'dentry_cache'],
    logs: ['_dOeSnotExist_', '_dOeSnOtExIsT_', '/pki/nssdb'],
    names: ['_dOeSnotExist_', '_dOeSnOtExIsT_', '/pki/nssdb'],
    programs: [
      { name: 'curl', only: ['7.19.7', '7.29.0'] },
      { name: 'nss', before: '3.52' },
      { name: 'nss-softokn', before: '3.52' },
    ],
    layers: ['slab-reclaimable'],
    verdictHint: 'not-a-leak',
    weight: { identifies: [['logs'], ['names'], ['caches', 'programs']], suggests: [['layers', 'programs']] },
  },
  words: ['curl 7.19.7', 'curl', 'nss', 'NSS_SDB_USE_CACHE', 'dentry', 'negative', 'nssdb', '/etc/pki/nssdb', 'probe'],
};
