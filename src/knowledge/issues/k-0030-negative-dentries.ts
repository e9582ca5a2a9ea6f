import type { KnownIssue } from '../issue.ts';

export const k0030: KnownIssue = {
  id: 'K-0030',
  title: 'Negative dentries: names that were looked up and do not exist fill reclaimable slab',
  cause:
    'The kernel remembers that a name does not exist. A program that asks for ever new names (temporary files, probes of search paths, random names) fills the dentry cache with such memories until memory gets short.',
  fix: 'Find the program: the fifth number of /proc/sys/fs/dentry-state counts negative dentries from 5.0 on; strace of the suspect shows the look-ups that fail. Dropping caches gives the memory back; it returns under pressure anyway.',
  status: 'not-a-fault',
  certainty: 'confirmed',
  references: [
    'https://docs.kernel.org/admin-guide/sysctl/fs.html',
    'https://lwn.net/Articles/894432/',
    'https://bugzilla.redhat.com/show_bug.cgi?id=1720479',
  ],
  signature: {
    caches: ['dentry', 'dentry_cache'],
    layers: ['slab-reclaimable'],
    verdictHint: 'not-a-leak',
    weight: { identifies: [], suggests: [['caches', 'layers']] },
  },
  words: ['dentry', 'negative', 'dentry-state', 'nr_negative', 'reclaimable', 'SReclaimable', 'drop_caches'],
};
