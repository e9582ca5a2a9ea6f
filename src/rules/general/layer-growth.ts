import { spellBytes, spellShare } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding, Layer, NextStep } from '../../findings/finding.ts';
import type { AccountedMemory, GrowthFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { secondSnapshot } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

type BucketGrowth = GrowthFacts['buckets'][number];

interface Watched {
  readonly layer: Layer;
  readonly what: string;
  /** Who holds such memory, for the sentence. */
  readonly held: string;
  readonly next: NextStep;
  readonly terms: readonly string[];
}

/** Layers that other rules look into are not here: slab, the unexplained part, the page cache. */
const WATCHED: Readonly<Partial<Record<string, Watched>>> = {
  processes: {
    layer: 'user',
    what: 'memory of processes',
    held: 'Processes hold it, not the kernel',
    next: {
      command: 'ps -eo rss,pid,comm --sort -rss | head',
      why: 'again in an hour: the process that grows',
      risk: 'none',
    },
    terms: ['anonymous memory', 'PSS'],
  },
  shmem: {
    layer: 'shmem',
    what: 'shared memory and tmpfs',
    held: 'Files in tmpfs, segments or graphics buffers hold it until they are deleted',
    next: { command: 'df -t tmpfs; ipcs -m', why: 'which file system or segment grows', risk: 'none' },
    terms: ['shared memory'],
  },
  'page-tables': {
    layer: 'page-tables',
    what: 'page tables',
    held: 'They grow with mapped address space: processes, forks, huge mappings',
    next: {
      command: 'grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail',
      why: 'the process with the largest tables',
      risk: 'none',
    },
    terms: ['page tables'],
  },
  'kernel-stack': {
    layer: 'kernel-stack',
    what: 'kernel stacks',
    held: 'One for each thread: threads pile up, or exited ones are kept',
    next: { command: 'ps -eo nlwp,stat,pid,comm --sort -nlwp | head', why: 'who has so many threads', risk: 'none' },
    terms: ['kernel stack'],
  },
  percpu: {
    layer: 'percpu',
    what: 'per-CPU memory',
    held: 'Control groups, network devices, BPF maps and file systems take it, once for each CPU',
    next: {
      command: 'grep -H . /sys/fs/cgroup/cgroup.stat',
      why: 'dying control groups are the usual cause',
      risk: 'none',
    },
    terms: ['per-CPU memory', 'dying cgroup'],
  },
  vmalloc: {
    layer: 'vmalloc',
    what: 'vmalloc memory',
    held: 'Its callers stand in /proc/vmallocinfo',
    next: {
      command: 'cp /proc/vmallocinfo vmallocinfo-now',
      why: 'twice, an hour apart: the caller that grows',
      risk: 'none',
    },
    terms: ['vmalloc'],
  },
};

/** Seconds: over less, what rises may be the load of the moment. */
const BRIEF = 1200;

/** What programs ask for comes and goes, so that two readings of it are too few, however far apart. */
function doubtOf({ layer }: Watched, { samples, spanSeconds }: GrowthFacts): string | undefined {
  if ((spanSeconds ?? Infinity) < BRIEF) return 'So short a look';
  return samples < 3 && (layer === 'user' || layer === 'shmem') ? 'Two readings' : undefined;
}

/** A layer of memory that rises over a series, and that no other rule looks into. */
export const layerGrowth: Rule<'growth' | 'accounting' | 'snapshot'> = defineRule({
  id: 'layer-growth',
  title: 'a layer of memory rises (processes, tmpfs, page tables, stacks, per-CPU, vmalloc)',
  needs: ['growth', 'accounting', 'snapshot'],
  examine({ growth, accounting, snapshot }) {
    return growth.buckets
      .filter((b) => rises(b, growth, accounting))
      .flatMap((b) => describe(b, growth, accounting, snapshot));
  },
});

/** Processes and tmpfs come and go: only a good part of RAM is worth a word. */
export function rises(bucket: BucketGrowth, growth: GrowthFacts, { total }: AccountedMemory): boolean {
  const change = bucket.last - bucket.first;
  const floor =
    bucket.name === 'processes' || bucket.name === 'shmem'
      ? Math.max(growth.gate * 2, total.bytes * 0.04)
      : growth.gate * 2;
  const rise = (bucket.floor.at(-1) ?? 0) - (bucket.floor[0] ?? 0);
  return (
    bucket.name in WATCHED &&
    change >= floor &&
    change >= bucket.first * 0.2 &&
    bucket.trend > 0.5 &&
    rise >= change / 3
  );
}

function describe(
  bucket: BucketGrowth,
  growth: GrowthFacts,
  { total }: AccountedMemory,
  snapshot: Snapshot,
): readonly Finding[] {
  const watched = WATCHED[bucket.name];
  if (!watched) return [];
  const change = bytes(bucket.last - bucket.first);
  const doubt = doubtOf(watched, growth);
  return [
    {
      id: 'layer-growth',
      title: `${watched.what} grew by ${spellBytes(change)} (${spellShare(change / total.bytes)} of RAM)`,
      summary: `Growth in ${watched.what}: ${spellGrowth(bucket)}. ${watched.held}.${doubt ? ` ${doubt} cannot tell it from the load of the moment.` : ''}`,
      verdict: doubt ? 'inconclusive' : 'growth',
      layer: watched.layer,
      confidence: Math.min(0.8, 0.5 + (growth.samples > 2 ? 0.1 : 0) + (bucket.trend > 0.9 ? 0.1 : 0)),
      bytes: change,
      ...rateOf(bucket, snapshot),
      evidence: [{ text: `${watched.what}: ${spellGrowth(bucket)}`, source: bucket.lastAt }],
      next: [watched.next, ...(doubt ? [secondSnapshot] : [])],
      terms: [...watched.terms, 'growth rate'],
    },
  ];
}
