import { spellBytes, spellCount, spellDuration, spellRate } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import type { DentryFacts, GrowthFacts, LockstepGroup } from '../../model/facts.ts';
import { isInodeCache } from '../../model/slab-names.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { confirmKmemleak, readKmemleak, reclaimTest, secondSnapshot, slabUsers } from '../next-steps.ts';
import { naturalDriver, type Driver } from './natural-drivers.ts';
import { leastPart, rateOf, spellGrowth, sprouts, withoutEnd } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';
import { madeBy, nameCache, nameSites, sitesOfCache } from '../sites.ts';

type CacheGrowth = GrowthFacts['caches'][number];

/** No more caches than this are reported one by one. */
const MOST = 6;

/** A cache that holds more and more, beyond warm-up, and does not fall back. */
export const cacheGrowth: Rule<'growth' | 'snapshot', 'callSites' | 'dentries' | 'lockstep'> = defineRule({
  id: 'slab-cache-growth',
  title: 'a slab cache grows',
  needs: ['growth', 'snapshot'],
  mayUse: ['callSites', 'dentries', 'lockstep'],
  examine({ growth, snapshot, callSites = [], dentries, lockstep = [] }) {
    const grown = growth.caches.filter((c) => grows(c, growth) && !isNegativeDentries(c, dentries));
    if (grown.length === 0)
      return growth.caches
        .filter((c) => sprouts(c, growth))
        .slice(0, 2)
        .map((c) => describeSprout(c, growth, snapshot, lockstep));
    return grown
      .slice(0, MOST)
      .map((c) => describe(c, growth, snapshot, sitesOfCache(callSites, c.name, c.objectSize), lockstep, dentries));
  },
});

function describeSprout(
  cache: CacheGrowth,
  growth: GrowthFacts,
  snapshot: Snapshot,
  lockstep: readonly LockstepGroup[],
): Finding {
  const change = spellBytes(bytes(cache.last - cache.first));
  const span = growth.spanSeconds === undefined ? '' : ` in ${spellDuration(growth.spanSeconds)}`;
  const rate = cache.perHour ? ` (${spellRate(cache.perHour.value)})` : '';
  return {
    id: 'slab-cache-sprouts',
    title: `${cache.name} is ${Math.floor(cache.last / Math.max(1, cache.first))} times what it was: ${change} more${span}`,
    summary: `The slab cache ${nameCache(cache.name, cache.aliases)} is many times what it was: ${change} more${span}${rate}. That is little yet; a longer look tells whether it goes on.`,
    verdict: 'inconclusive',
    layer: 'slab-unreclaimable',
    confidence: 0.5,
    bytes: bytes(cache.last - cache.first),
    ...(cache.objects ? { objects: cache.objects.last - cache.objects.first } : {}),
    ...withoutEnd(rateOf(cache, snapshot)),
    subject: subjectOf(cache, undefined),
    evidence: [{ text: `${cache.name}: ${spellGrowth(cache)}`, source: cache.lastAt }, ...mates(cache, lockstep)],
    next: [secondSnapshot, slabUsers(cache.name)],
    terms: ['slab cache', 'SUnreclaim', 'growth rate'],
  };
}

/** Beyond the gate, by a good part of what was there, up in most pairs of samples, and with a floor that rises. */
export function grows(cache: CacheGrowth, growth: GrowthFacts): boolean {
  const change = cache.last - cache.first;
  const rise = (cache.floor.at(-1) ?? 0) - (cache.floor[0] ?? 0);
  return (
    change >= growth.gate && change >= cache.first * leastPart(cache, growth) && cache.trend > 0.5 && rise >= change / 3
  );
}

function isNegativeDentries(cache: CacheGrowth, dentries: DentryFacts | undefined): boolean {
  const added = dentries?.added;
  return /^dentry(_cache)?$/.test(cache.name) && added !== undefined && added.negative >= added.dentries * 0.8;
}

function describe(
  cache: CacheGrowth,
  growth: GrowthFacts,
  snapshot: Snapshot,
  sites: readonly CallSiteGroup[],
  lockstep: readonly LockstepGroup[],
  dentries: DentryFacts | undefined,
): Finding {
  const change = bytes(cache.last - cache.first);
  const driver = naturalDriver(cache.name);
  const proven = sites.find((s) => s.detector === 'kmemleak' || s.detector === 'kedr');
  const site = proven ?? sites[0];
  const orphans = driver ? orphaned(cache, driver, snapshot) : undefined;
  const unused = cache.reclaimable ? unusedShare(cache, dentries) : undefined;
  const verdict = proven || orphans ? 'leak' : unused ? 'not-a-leak' : cache.reclaimable ? 'inconclusive' : 'growth';
  const span = growth.spanSeconds === undefined ? '' : ` in ${spellDuration(growth.spanSeconds)}`;
  const made = site ? madeBy(site) : undefined;
  const shown = unused ? 'Not lost: the' : 'The';
  const who = site ? `${made ? `: ${made.type}` : ''}, allocated by ${nameSites([site])}` : '';
  const rate = cache.perHour ? ` (${spellRate(cache.perHour.value)})` : '';
  return {
    id: 'slab-cache-growth',
    title: `${cache.name} grew by ${spellBytes(change)}${span}${who}`,
    summary: `${shown} slab cache ${nameCache(cache.name, cache.aliases)} grows: ${spellBytes(change)} more${span}${rate}${who}.${made?.partner ? ` ${made.partner.charAt(0).toUpperCase()}${made.partner.slice(1)}.` : ''}`,
    verdict,
    layer: cache.reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable',
    confidence: confidence(cache, growth, proven !== undefined || orphans !== undefined),
    bytes: change,
    ...(cache.objects ? { objects: cache.objects.last - cache.objects.first } : {}),
    ...rateOf(cache, snapshot),
    subject: subjectOf(cache, site),
    ...(site ? ownerOf(site) : {}),
    evidence: [
      { text: `${cache.name}: ${spellGrowth(cache)}`, source: cache.lastAt },
      ...(cache.reclaimable
        ? [{ text: 'counted as reclaimable, which is a flag of the allocator and no proof', source: cache.lastAt }]
        : []),
      ...(driver ? [{ text: `${cache.name}: ${driver.each}`, source: cache.lastAt }] : []),
      ...(orphans ? [orphans] : []),
      ...(unused ? [unused] : []),
      ...mates(cache, lockstep),
      ...sites.slice(0, 3).map((s) => ({
        text: `${s.detector}: ${spellCount(s.count)} × ${nameSites([s])}${s.processes[0] ? ` for ${s.processes[0]}` : ''}${s.cut ? ' (report cut, lower bound)' : ''}`,
        source: s.at,
      })),
    ],
    next: [
      ...(driver ? [driver.next] : []),
      ...(cache.reclaimable ? [reclaimTest] : proven ? [confirmKmemleak] : [readKmemleak, slabUsers(cache.name)]),
    ],
    terms: ['slab cache', cache.reclaimable ? 'SReclaimable' : 'SUnreclaim', 'growth rate'],
  };
}

function subjectOf({ name, aliases }: CacheGrowth, site: CallSiteGroup | undefined): NonNullable<Finding['subject']> {
  const made = site ? madeBy(site) : undefined;
  return {
    cache: name,
    ...(aliases.length > 0 ? { aliases } : {}),
    ...(made ? { type: made.type } : {}),
    ...(site ? { function: site.site.function, callSite: [site.site.function, ...site.site.callers].join(' ← ') } : {}),
  };
}

/** More objects than there are things to have one each: the rest belongs to things that have ended. */
function orphaned(cache: CacheGrowth, driver: Driver, { threads }: Snapshot): Evidence | undefined {
  const objects = cache.objects?.last ?? 0;
  if (driver.counted !== 'threads' || !threads || objects < threads.count * 3 + 500) return undefined;
  return {
    text: `${spellCount(threads.count)} threads exist and ${spellCount(objects)} objects: the others belong to threads that have ended, and a reference keeps each`,
    source: threads.at,
  };
}

/** Dentries on the LRU list are held by nobody; inodes that hang on such dentries are not either. */
function unusedShare({ name }: CacheGrowth, dentries: DentryFacts | undefined): Evidence | undefined {
  const { unused, dentries: all } = dentries ?? {};
  if (!unused || !all || !(name.startsWith('dentry') || isInodeCache(name)) || name.startsWith('sock_'))
    return undefined;
  const added = dentries?.added;
  const most = added?.unused === undefined ? unused.count >= all.count * 0.7 : added.unused >= added.dentries * 0.7;
  if (!most) return undefined;
  const many =
    added?.unused === undefined
      ? `${spellCount(unused.count)} of ${spellCount(all.count)} dentries`
      : `${spellCount(added.unused)} of the ${spellCount(added.dentries)} dentries that were added`;
  return {
    text: `${many} are unused, on the LRU list: they and their inodes are given back when memory is short`,
    source: unused.at,
  };
}

function mates(cache: CacheGrowth, lockstep: readonly LockstepGroup[]): readonly Evidence[] {
  const group = lockstep.find((g) => g.caches.some((c) => c.name === cache.name));
  const others = group?.caches.filter((c) => c.name !== cache.name) ?? [];
  return others.slice(0, 2).map((o) => ({
    text: `${o.name} grew by as many objects (${spellCount(o.objects)}): one leaked thing made of both`,
    source: o.at,
  }));
}

function ownerOf(site: CallSiteGroup): Pick<Finding, 'owner'> {
  const name = site.site.module ?? site.site.subsystem;
  return name === undefined
    ? {}
    : { owner: { kind: site.site.module ? 'module' : 'subsystem', name, function: site.site.function } };
}

function confidence(cache: CacheGrowth, growth: GrowthFacts, proven: boolean): number {
  const long = (growth.spanSeconds ?? 0) > 3600 ? 0.1 : 0;
  const manifold = cache.last > cache.first * 3 ? 0.1 : 0;
  const steady = growth.samples > 2 && cache.trend > 0.9 ? 0.1 : 0;
  return Math.min(0.97, (proven ? 0.9 : 0.6) + long + manifold + steady);
}
