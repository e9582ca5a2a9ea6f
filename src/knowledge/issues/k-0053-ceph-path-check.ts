import type { KnownIssue } from '../issue.ts';

export const k0053: KnownIssue = {
  id: 'K-0053',
  title: 'CephFS client: each check of a path against capabilities leaves a string (kmalloc-128 and neighbours)',
  cause:
    'ceph_mds_auth_match() copies part of the path and freed it on some ways out only. A production host was brought down by it: the more files are opened, the faster.',
  fix: 'Linux 6.12.14, 6.13.3 or 6.14.',
  fixedIn: 'Linux 6.12.14, 6.13.3, 6.14 (commit 3b7d93db450e)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['3b7d93db450e', '596afb0b8933', 'https://www.cve.org/CVERecord?id=CVE-2025-21737'],
  signature: {
    functions: ['ceph_mds_check_access', 'ceph_mds_auth_match'],
    modules: ['ceph'],
    caches: ['kmalloc-(?:rnd-\\d+-)?(?:64|96|128|192|256)'],
    kernel: [
      { from: '6.10', before: '6.12.14' },
      { from: '6.13', before: '6.13.3' },
    ],
    weight: {
      identifies: [
        ['functions', 'kernel'],
        ['caches', 'modules', 'kernel'],
      ],
      suggests: [['functions']],
    },
  },
  words: ['ceph', 'ceph_mds_check_access', 'ceph_mds_auth_match', 'kmalloc-128', 'cephfs', '6.12.5'],
};
