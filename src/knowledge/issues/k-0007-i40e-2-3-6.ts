import type { KnownIssue } from '../issue.ts';

export const k0007: KnownIssue = {
  id: 'K-0007',
  title: 'i40e 2.3.6 (out of tree, X710): pages are lost that no counter explains',
  cause:
    'Associated with this driver version only. Its change log already lists the leak that upstream fixed in 2b9478ffc550, and hosts still lose memory with it; the cause is not named.',
  fix: 'i40e 2.2.4 was seen not to leak: change one host, compare the slopes over days, then the others. Newer drivers were not part of the comparison.',
  status: 'workaround',
  certainty: 'associated',
  references: ['https://www.codetd.com/en/article/13827872', '2b9478ffc550'],
  signature: {
    programs: [{ name: 'i40e', only: ['2.3.6'] }],
    layers: ['page-allocator'],
    weight: { identifies: [['programs', 'layers']] },
  },
  words: ['i40e 2.3.6', 'i40e', 'X710', 'XL710', 'intel', 'ethernet', 'unaccounted', 'pages'],
};
