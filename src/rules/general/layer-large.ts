import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Evidence, Finding, Layer, NextStep } from '../../findings/finding.ts';
import type { CacheFacts, GrowthFacts, MemoryBucket } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { collectAll, secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';
import { rises } from './layer-growth.ts';

const MIB = 1024 * 1024;

interface Usual {
  readonly layer: Layer;
  readonly what: string;
  /** Shares of RAM: above the first it is worth a word, above the second nothing innocent is known. */
  readonly notable: number;
  readonly suspect: number;
  readonly held: string;
  readonly next: NextStep;
  readonly terms: readonly string[];
}

/** Kernel memory with a counter of its own: how much of RAM hosts spend on it, by experience. */
const USUAL: Readonly<Partial<Record<string, Usual>>> = {
  'slab-unreclaimable': {
    layer: 'slab-unreclaimable',
    what: 'unreclaimable slab',
    notable: 0.12,
    suspect: 0.25,
    held: 'Which cache it is tells /proc/slabinfo',
    next: collectAll,
    terms: ['SUnreclaim', 'slab cache'],
  },
  percpu: {
    layer: 'percpu',
    what: 'per-CPU memory',
    notable: 0.05,
    suspect: 0.15,
    held: 'Control groups, network devices, BPF maps and file systems take it, once for each CPU',
    next: {
      command: 'grep -H . /sys/fs/cgroup/cgroup.stat; grep memory /proc/cgroups',
      why: 'dying control groups are the usual cause',
      risk: 'none',
    },
    terms: ['per-CPU memory', 'dying cgroup'],
  },
  vmalloc: {
    layer: 'vmalloc',
    what: 'vmalloc memory',
    notable: 0.1,
    suspect: 0.3,
    held: 'Its callers stand in /proc/vmallocinfo',
    next: {
      command: 'cp /proc/vmallocinfo vmallocinfo-now',
      why: 'who holds it, by function and module',
      risk: 'none',
    },
    terms: ['vmalloc'],
  },
  'kernel-stack': {
    layer: 'kernel-stack',
    what: 'kernel stacks',
    notable: 0.02,
    suspect: 0.1,
    held: 'There is one for each thread',
    next: { command: 'ps -eo nlwp,stat,pid,comm --sort -nlwp | head', why: 'who has so many threads', risk: 'none' },
    terms: ['kernel stack'],
  },
  'page-tables': {
    layer: 'page-tables',
    what: 'page tables',
    notable: 0.08,
    suspect: 0.3,
    held: 'They grow with mapped address space: many processes that map the same large memory, or mappings that stay',
    next: {
      command: 'grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail',
      why: 'the processes with the largest tables; huge pages make them small',
      risk: 'none',
    },
    terms: ['page tables', 'huge pages'],
  },
};

/** A layer of kernel memory that is far larger than hosts usually have it. How it came to be is not seen. */
export const layerLarge: Rule<'accounting' | 'snapshot', 'growth' | 'caches'> = defineRule({
  id: 'layer-large',
  title: 'a layer of kernel memory is out of proportion (slab, per-CPU, vmalloc, stacks, page tables)',
  needs: ['accounting', 'snapshot'],
  mayUse: ['growth', 'caches'],
  examine({ accounting, snapshot, growth, caches }) {
    if (!accounting.complete) return [];
    const ram = accounting.total.bytes;
    return accounting.buckets.flatMap((bucket) => {
      const usual = USUAL[bucket.name];
      if (!usual || bucket.bytes < Math.max(64 * MIB, ram * usual.notable)) return [];
      if (growth?.buckets.some((b) => b.name === bucket.name && rises(b, growth, accounting))) return [];
      return isNamed(bucket, snapshot, caches) ? [] : [describe(bucket, usual, ram, growth, caches)];
    });
  },
});

/** Where a rule of its own has the names of those who hold it, this one stands back. */
function isNamed({ name, bytes }: MemoryBucket, snapshot: Snapshot, caches: CacheFacts | undefined): boolean {
  if (name === 'vmalloc') return snapshot.vmalloc !== undefined;
  if (name !== 'slab-unreclaimable') return false;
  const [top] = caches?.ranking.filter((c) => !c.reclaimable) ?? [];
  const most = Math.max(top?.bytes ?? 0, caches?.largeKmalloc?.bytes ?? 0);
  // Kernels before 2.6.19 have one sum for both kinds of slab.
  return most >= bytes * 0.5 || !snapshot.counters.has('SUnreclaim');
}

function describe(
  bucket: MemoryBucket,
  usual: Usual,
  ram: number,
  growth: GrowthFacts | undefined,
  caches: CacheFacts | undefined,
): Finding {
  const share = bucket.bytes / ram;
  const suspicious = share >= usual.suspect && !growth;
  const [at] = bucket.at;
  return {
    id: 'layer-large',
    title: `${spellBytes(bucket.bytes)} (${spellShare(share)} of RAM) are ${usual.what}`,
    summary: `${spellBytes(bucket.bytes)} (${spellShare(share)} of RAM) are ${usual.what}, more than hosts usually have. ${usual.held}.`,
    verdict: suspicious ? 'growth' : 'inconclusive',
    layer: usual.layer,
    confidence: suspicious ? 0.6 : 0.5,
    bytes: bucket.bytes,
    evidence: [
      {
        text: `${usual.what}: ${spellBytes(bucket.bytes)} (${bucket.from.join(', ')})`,
        source: at ?? { kind: 'derived', from: [], by: 'accounting' },
      },
      ...largest(bucket, caches),
    ],
    next: [usual.next, ...(growth ? [] : [secondSnapshot])],
    terms: usual.terms,
  };
}

function largest({ name }: MemoryBucket, caches: CacheFacts | undefined): readonly Evidence[] {
  if (name !== 'slab-unreclaimable') return [];
  const top = caches?.ranking.filter((c) => !c.reclaimable).slice(0, 3) ?? [];
  return top.map((c) => ({ text: `${c.name}: ${spellBytes(c.bytes)}`, source: c.at }));
}
