import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CacheFacts, CacheUsage, DentryFacts } from '../../model/facts.ts';
import { isDiskInodeCache, isFileCache } from '../../model/slab-names.ts';
import type { Amount, Snapshot } from '../../model/snapshot.ts';
import { countDentries, reclaimTest, secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** Much slab that is flagged reclaimable: a cache, as far as what was seen can prove it. */
export const reclaimableSlab: Rule<'snapshot', 'accounting' | 'caches' | 'dentries'> = defineRule({
  id: 'slab-reclaimable-large',
  title: 'much of memory is slab that is flagged reclaimable',
  needs: ['snapshot'],
  mayUse: ['accounting', 'caches', 'dentries'],
  examine({ snapshot, accounting, caches, dentries }): readonly Finding[] {
    const ram = accounting?.total.bytes;
    const held = heldReclaimable(snapshot, caches);
    if (!held || caches?.difference || !isLarge(held, ram, snapshot, caches)) return [];
    const top = caches?.ranking.filter((c) => c.reclaimable).slice(0, 3) ?? [];
    const share = ram === undefined ? '' : ` (${spellShare(held.bytes / ram)} of RAM)`;
    const proof = proofOf(caches, dentries);
    return [
      {
        id: 'slab-reclaimable-large',
        title: `${spellBytes(held.bytes)} of slab are flagged reclaimable${share}`,
        summary: proof
          ? `Not lost: ${spellBytes(held.bytes)} of slab${share} are caches${top[0] ? `, most of it ${top[0].name}` : ''}: ${proof.because}.`
          : `${spellBytes(held.bytes)} of slab${share} are flagged reclaimable. Most likely a cache; the flag alone does not prove that it can be given back.`,
        verdict: proof ? 'not-a-leak' : 'inconclusive',
        layer: 'slab-reclaimable',
        confidence: proof ? proof.confidence : 0.6,
        bytes: held.bytes,
        ...(top[0] ? { subject: { cache: top[0].name } } : {}),
        evidence: [
          { text: `reclaimable slab: ${spellBytes(held.bytes)}`, source: held.at },
          ...top.map((c) => ({
            text: `${c.name}: ${spellBytes(c.bytes)}${c.objects === undefined ? '' : ` in ${spellCount(c.objects)} objects`}`,
            source: c.at,
          })),
          ...(dentries?.unused
            ? [
                {
                  text: `dentries unused, on the LRU list: ${spellCount(dentries.unused.count)}`,
                  source: dentries.unused.at,
                },
              ]
            : []),
        ],
        next: [countDentries, reclaimTest, secondSnapshot],
        terms: ['SReclaimable', 'slab', 'dentry', 'drop_caches'],
      },
    ];
  },
});

/** What meminfo counts; without it the sum of the caches that are known to carry the flag. */
function heldReclaimable({ counters }: Snapshot, caches: CacheFacts | undefined): Amount | undefined {
  const counted = counters.get('SReclaimable');
  if (counted) return counted;
  const flagged = caches?.ranking.filter((c) => c.reclaimable) ?? [];
  const [first] = flagged;
  return first && { bytes: sumBytes(flagged.map((c) => c.bytes)), at: first.at };
}

/** A fifth of RAM; where RAM was not seen, most of a slab that is large on any host. */
function isLarge(
  { bytes: held }: Amount,
  ram: number | undefined,
  { counters }: Snapshot,
  caches: CacheFacts | undefined,
): boolean {
  if (ram !== undefined) return held >= ram * 0.2;
  const slab = counters.get('Slab')?.bytes ?? (caches?.basis === 'stated' ? caches.slab.bytes : undefined);
  return slab !== undefined && held >= slab * 0.6 && held >= 256 * MIB;
}

interface Proof {
  readonly because: string;
  readonly confidence: number;
}

/**
 * The flag is no proof: what a kernel bug holds a reference on carries it too. Dentries on the LRU list are unused by
 * definition; inodes of file systems on disk are kept because the file may be opened again, unless something else than
 * files piles up beside them.
 */
function proofOf(caches: CacheFacts | undefined, dentries: DentryFacts | undefined): Proof | undefined {
  const flagged = caches?.ranking.filter((c) => c.reclaimable) ?? [];
  const [top] = flagged;
  if (!top) return undefined;
  const unused = dentries?.unused ? dentries.unused.count / Math.max(1, dentries.dentries.count) : 0;
  if (unused >= 0.7 && top.name.startsWith('dentry'))
    return { because: `${spellShare(unused)} of the dentries are unused`, confidence: 0.9 };
  const sum = (some: readonly CacheUsage[]): number => some.reduce((n, c) => n + c.bytes, 0);
  const onDisk = flagged.filter((c) => isDiskInodeCache(c.name));
  const ofFiles = flagged.filter((c) => isFileCache(c.name));
  const fromDisk = sum(onDisk) >= sum(flagged) * 0.4 && sum(ofFiles) >= sum(flagged) * 0.85;
  return fromDisk
    ? {
        because: 'inodes of files on disk and what belongs to them, kept for the next look-up',
        confidence: unused >= 0.5 ? 0.85 : 0.75,
      }
    : undefined;
}
