import { spellBytes, spellCount } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding, Layer } from '../../findings/finding.ts';
import type { Difference, TwinFacts } from '../../model/facts.ts';
import { readKmemleak, reclaimTest, slabUsers } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** A sick and a healthy host, or two readings without a clock: the cache or layer that is many times as large. */
export const twinDifference: Rule<'twins' | 'snapshot'> = defineRule({
  id: 'twin-difference',
  title: 'what one host or reading holds more of than the other',
  needs: ['twins', 'snapshot'],
  examine({ twins, snapshot }) {
    const ram = snapshot.counters.get('MemTotal')?.bytes;
    const floor = ram === undefined ? 8 * MIB : Math.max(MIB, ram * 0.02);
    return twins.differences
      .filter((d) => d.here - d.there >= floor && d.here >= d.there * 2 && tells(d))
      .slice(0, 4)
      .map((d) => describe(d, twins));
  },
});

/** Free memory, page cache and processes differ between any two hosts; pools are another rule's. */
const tells = (d: Difference): boolean =>
  d.kind === 'cache' ||
  d.kind === 'vmalloc' ||
  (d.kind === 'bucket' && /^(?:unexplained|percpu|page-tables)$/.test(d.name));

function describe(d: Difference, twins: TwinFacts): Finding {
  const surplus = bytes(d.here - d.there);
  const times =
    d.there > 0 ? `${(d.here / d.there).toFixed(d.here / d.there < 10 ? 1 : 0)} times as much as` : 'which is none in';
  const objects =
    d.objectsHere === undefined || d.objectsThere === undefined
      ? ''
      : ` (${spellCount(d.objectsHere)} objects against ${spellCount(d.objectsThere)})`;
  const name = d.name === 'unexplained' ? 'memory that no counter explains' : d.name;
  const cautious = d.reclaimable === true;
  return {
    id: 'twin-difference',
    title: `${name}: ${spellBytes(d.here)} against ${spellBytes(d.there)}${objects}`,
    summary: `${name} holds ${spellBytes(d.here)} in ${twins.here}, ${times} ${twins.there}${objects}.`,
    verdict: cautious ? 'inconclusive' : 'growth',
    layer: layerOf(d),
    confidence: Math.min(
      0.85,
      0.55 + Math.min(0.2, d.here / Math.max(d.there, MIB) / 100) - twins.unlike.length * 0.05,
    ),
    bytes: surplus,
    ...(d.objectsHere === undefined ? {} : { objects: d.objectsHere - (d.objectsThere ?? 0) }),
    ...(d.kind === 'cache'
      ? { subject: { cache: d.name } }
      : d.kind === 'vmalloc'
        ? { subject: { function: d.name } }
        : {}),
    evidence: [
      { text: `${name} in ${twins.here}: ${spellBytes(d.here)}`, source: d.hereAt },
      ...(d.thereAt ? [{ text: `${name} in ${twins.there}: ${spellBytes(d.there)}`, source: d.thereAt }] : []),
    ],
    next: d.kind === 'cache' ? (cautious ? [reclaimTest] : [readKmemleak, slabUsers(d.name)]) : [],
    terms: d.kind === 'cache' ? ['slab cache'] : [],
  };
}

function layerOf(d: Difference): Layer {
  if (d.kind === 'vmalloc') return 'vmalloc';
  if (d.kind === 'cache') return d.reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable';
  return d.name === 'percpu' ? 'percpu' : d.name === 'page-tables' ? 'page-tables' : 'page-allocator';
}
