import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Finding, Layer, NextStep } from '../../findings/finding.ts';
import type { TwinFacts } from '../../model/facts.ts';
import type { Pool } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** Memory that has a manager of its own: ZFS, a balloon, a GPU driver. Named, so that nobody takes it for lost. */
export const managedPools: Rule<'snapshot', 'twins'> = defineRule({
  id: 'managed-pool',
  title: 'memory held by a manager of its own (ZFS, balloon, GPU)',
  needs: ['snapshot'],
  mayUse: ['twins'],
  examine({ snapshot, twins }) {
    const ram = snapshot.counters.get('MemTotal')?.bytes;
    const floor = ram === undefined ? 256 * MIB : ram * 0.1;
    return snapshot.pools
      .filter((p) => p.bytes >= floor)
      .toSorted((a, b) => b.bytes - a.bytes)
      .map((p) => (p.id === 'gpu-buffers' ? describeBuffers(p, twins) : describePool(p, ram)));
  },
});

const LAYERS: Readonly<Record<Pool['id'], Layer>> = {
  'zfs-arc': 'page-allocator',
  'spl-slab': 'vmalloc',
  'gpu-buffers': 'shmem',
  balloon: 'balloon',
  'bcachefs-btree-cache': 'slab-unreclaimable',
  other: 'page-allocator',
};

const STEPS: Readonly<Record<Pool['id'], readonly NextStep[]>> = {
  'zfs-arc': [
    {
      command: 'cat /sys/module/zfs/parameters/zfs_arc_max',
      why: 'the limit; lowering it shrinks the ARC within minutes',
      risk: 'none',
    },
  ],
  'spl-slab': [
    {
      command: 'cat /proc/spl/kmem/slab',
      why: 'which SPL cache holds how much, and how full its slabs are',
      risk: 'none',
    },
  ],
  'gpu-buffers': [],
  balloon: [
    {
      command: 'vmware-toolbox-cmd stat balloon',
      why: 'what the hypervisor has taken back from this guest',
      risk: 'none',
    },
  ],
  'bcachefs-btree-cache': [],
  other: [],
};

function describePool(pool: Pool, ram: number | undefined): Finding {
  const share = ram === undefined ? '' : ` (${spellShare(pool.bytes / ram)} of RAM)`;
  const loose = pool.used !== undefined && pool.used < pool.bytes * 0.8 ? pool.bytes - pool.used : 0;
  const inside = loose > 0 ? `; ${spellBytes(loose)} of it free inside its slabs` : '';
  return {
    id: 'managed-pool',
    title: `${pool.name} holds ${spellBytes(pool.bytes)}${share}${inside}`,
    summary: `Not lost: ${spellBytes(pool.bytes)}${share} belong to ${pool.name}, managed by ${pool.owner}, outside of what free and slabtop show${inside}.`,
    verdict: 'not-a-leak',
    layer: LAYERS[pool.id],
    confidence: 0.85,
    bytes: pool.bytes,
    owner: { kind: 'module', name: pool.owner },
    evidence: [
      {
        text: `${pool.name}: ${spellBytes(pool.bytes)}${pool.used === undefined ? '' : `, in use ${spellBytes(pool.used)}`}`,
        source: pool.at,
      },
      ...(pool.limit === undefined ? [] : [{ text: `its limit: ${spellBytes(pool.limit)}`, source: pool.at }]),
    ],
    next: STEPS[pool.id],
    terms:
      pool.id === 'balloon' ? ['balloon'] : pool.id === 'zfs-arc' || pool.id === 'spl-slab' ? ['ZFS ARC', 'SPL'] : [],
  };
}

/** Buffer objects belong to whoever draws; where another moment shows none, these were not given back. */
function describeBuffers(pool: Pool, twins: TwinFacts | undefined): Finding {
  const other = twins?.differences.find((d) => d.kind === 'pool' && d.name === pool.name);
  const gone = other !== undefined && other.there < pool.bytes / 4;
  const count = pool.objects === undefined ? '' : ` in ${spellCount(pool.objects)} objects`;
  return {
    id: 'managed-pool',
    title: `${pool.name}: ${spellBytes(pool.bytes)}${count}`,
    summary: `The graphics driver ${pool.owner} holds ${spellBytes(pool.bytes)} of buffer objects${count}${gone ? ', and in the other reading next to none' : ''}.`,
    verdict: gone ? 'growth' : 'inconclusive',
    layer: 'shmem',
    confidence: gone ? 0.7 : 0.5,
    bytes: pool.bytes,
    ...(pool.objects === undefined ? {} : { objects: pool.objects }),
    owner: { kind: 'driver', name: pool.owner },
    evidence: [
      { text: `${pool.name}: ${spellBytes(pool.bytes)}${count}`, source: pool.at },
      ...(other?.thereAt ? [{ text: `in the other reading: ${spellBytes(other.there)}`, source: other.thereAt }] : []),
    ],
    next: [
      {
        command: 'cat /sys/kernel/debug/dri/*/bo_stats',
        why: 'again with the graphical programs stopped: what is left then has no user',
        risk: 'none',
      },
    ],
    terms: ['shared memory'],
  };
}
