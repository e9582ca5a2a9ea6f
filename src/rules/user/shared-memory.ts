import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Files in tmpfs, System V segments, memfd and GPU buffers: memory that lives until somebody deletes it. */
export const sharedMemory: Rule<'snapshot', 'accounting'> = defineRule({
  id: 'shared-memory-large',
  title: 'much of memory is shared memory or tmpfs',
  needs: ['snapshot'],
  mayUse: ['accounting'],
  examine({ snapshot, accounting }): readonly Finding[] {
    const shmem = snapshot.counters.get('Shmem');
    const ram = accounting?.total.bytes;
    if (!shmem || ram === undefined) return [];
    const inUse = ram - (snapshot.counters.get('MemFree')?.bytes ?? 0);
    const large = shmem.bytes >= ram * 0.15 || (shmem.bytes >= inUse * 0.5 && shmem.bytes >= ram * 0.03);
    if (!large) return [];
    const tmpfs = snapshot.counters.get('TmpfsUsed');
    const explained = tmpfs !== undefined && tmpfs.bytes >= shmem.bytes * 0.7;
    const share = spellShare(shmem.bytes / ram);
    return [
      {
        id: 'shared-memory-large',
        title: `${spellBytes(shmem.bytes)} (${share} of RAM) are shared memory or files in tmpfs`,
        summary: `${spellBytes(shmem.bytes)} (${share} of RAM) are shared memory: files in tmpfs, segments or graphics buffers. ${explained ? 'tmpfs files explain it.' : 'It stays until its owner deletes it; what was read does not say who that is.'}`,
        verdict: explained ? 'not-a-leak' : 'inconclusive',
        layer: 'shmem',
        confidence: explained ? 0.85 : 0.5,
        bytes: shmem.bytes,
        evidence: [
          { text: `Shmem: ${spellBytes(shmem.bytes)}`, source: shmem.at },
          ...(tmpfs ? [{ text: `files in tmpfs: ${spellBytes(tmpfs.bytes)}`, source: tmpfs.at }] : []),
        ],
        next: [
          {
            command: 'df -t tmpfs -t devtmpfs; ipcs -m; grep -l -m1 memfd /proc/[0-9]*/maps',
            why: 'files in tmpfs, segments and memfds: whatever is left over are graphics buffers or deleted files',
            risk: 'none',
          },
        ],
        terms: ['shared memory'],
      },
    ];
  },
});
