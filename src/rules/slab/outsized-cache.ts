import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import type { AccountedMemory, CacheFacts, CacheUsage } from '../../model/facts.ts';
import { kmallocSize } from '../../model/slab-names.ts';
import { readKmemleak, secondSnapshot, slabUsers } from '../next-steps.ts';
import { naturalDriver } from './natural-drivers.ts';
import { defineRule, type Rule } from '../rule.ts';
import { nameCache, nameSites, sitesOfCache } from '../sites.ts';

const MIB = 1024 * 1024;

/**
 * One unreclaimable cache holds far more than its share, nearly every slot in use. One look cannot show growth; the
 * size alone, in a cache that has no business being large, is the suspicion.
 */
export const outsizedCache: Rule<'caches', 'accounting' | 'growth' | 'callSites'> = defineRule({
  id: 'slab-cache-outsized',
  title: 'one unreclaimable slab cache is out of proportion',
  needs: ['caches'],
  mayUse: ['accounting', 'growth', 'callSites'],
  examine({ caches, accounting, growth: series, callSites = [] }) {
    const growth = series && series.caches.length > 0 ? series : undefined;
    const [top] = caches.ranking.filter((c) => !c.reclaimable && isOutsized(c, caches, accounting));
    if (!top || growth?.caches.some((c) => c.name === top.name && c.last - c.first >= growth.gate)) return [];
    // Flat over a series: not a leak that goes on. Only what is enormous is still worth a word.
    if (growth && (accounting === undefined || top.bytes < accounting.total.bytes * 0.1)) return [];
    return [describe(top, caches, accounting, sitesOfCache(callSites, top.name, top.objectSize))];
  },
});

/** Caches whose size follows what the host does: large is normal, so only an absurd share is suspicious. */
const FOLLOWS_LOAD =
  /^(?:task_struct|signal_cache|sighand_cache|files_cache|fs_cache|mm_struct|vm_area_struct|anon_vma(?:_chain)?|maple_node|filp|cred_jar|pid|nf_conntrack(?:_\w+)?|Acpi-.*|kvm_\w+|xfs_\w+|zs_handle|bio-\d+|biovec-.*|page->ptl|pgd|pte_list_desc|names_cache|skbuff_\w+|TCP(?:v6)?|UDP(?:v6)?|kernfs_\w+|buffer_head|numa_policy|shared_policy_node|zspage|btree_\w+|spl_.*|zio_.*|abd_\w+|arc_\w+|dnode_t|dmu_\w+|sa_cache|zfs_.*)$/;

function isOutsized(cache: CacheUsage, caches: CacheFacts, accounting: AccountedMemory | undefined): boolean {
  const used = cache.objects !== undefined && cache.slots ? cache.objects / cache.slots : 1;
  if (used < 0.85 || caches.difference) return false;
  const ram = accounting?.total.bytes;
  const load = FOLLOWS_LOAD.test(cache.name);
  if (caches.whole || caches.basis !== 'rows') {
    return cache.share >= (load ? 0.6 : 0.22) && cache.bytes >= Math.max(16 * MIB, (ram ?? 0) * 0.02);
  }
  if (caches.ranking.length < 5) return isLargeAlone(cache, ram, load);
  // Part of a table: the share is of what happens to be listed, so size has to speak too.
  return (
    cache.share >= (load ? 0.8 : 0.5) && cache.bytes >= (ram === undefined ? 256 * MIB : Math.max(32 * MIB, ram * 0.05))
  );
}

/** A row or two without the rest of the table: there is no share to go by, only numbers. */
function isLargeAlone(cache: CacheUsage, ram: number | undefined, load: boolean): boolean {
  const floor = ram === undefined ? 16 * MIB : Math.max(16 * MIB, ram * 0.02);
  return !load && (cache.objects ?? 0) >= 50_000 && cache.bytes >= floor;
}

function describe(
  cache: CacheUsage,
  caches: CacheFacts,
  accounting: AccountedMemory | undefined,
  sites: readonly CallSiteGroup[],
): Finding {
  const driver = naturalDriver(cache.name);
  const proven = sites.find((s) => s.detector === 'kmemleak');
  const ram = accounting?.total.bytes;
  const ofRam = ram === undefined ? '' : `, ${spellShare(cache.bytes / ram)} of RAM`;
  const alone = caches.slab.bytes <= cache.bytes * 1.05;
  const share = alone ? '' : ` (${spellShare(cache.share)} of slab${ofRam})`;
  const count = cache.objects === undefined ? '' : ` in ${spellCount(cache.objects)} objects`;
  const who = proven ? `, allocated by ${nameSites([proven])}` : '';
  return {
    id: 'slab-cache-outsized',
    title: `${cache.name} holds ${spellBytes(cache.bytes)}${share}${who}`,
    summary: `The unreclaimable slab cache ${nameCache(cache.name, cache.aliases)} holds ${spellBytes(cache.bytes)}${count}${share}, nearly every slot in use${who}.`,
    verdict: proven ? 'leak' : 'growth',
    layer: 'slab-unreclaimable',
    confidence: proven ? 0.9 : Math.min(0.85, 0.45 + cache.share * 0.3 + (ram ? Math.min(0.2, cache.bytes / ram) : 0)),
    bytes: cache.bytes,
    ...(cache.objects === undefined ? {} : { objects: cache.objects }),
    subject: { cache: cache.name, ...(cache.aliases.length > 0 ? { aliases: cache.aliases } : {}) },
    evidence: [
      {
        text: `${cache.name}: ${cache.objects === undefined ? '' : `${spellCount(cache.objects)} of ${spellCount(cache.slots ?? cache.objects)} slots in use, `}${spellBytes(cache.bytes)}`,
        source: cache.at,
      },
      ...(driver ? [{ text: `${cache.name}: ${driver.each}`, source: cache.at }] : []),
      ...(alone ? [] : [{ text: `slab in all: ${spellBytes(caches.slab.bytes)}`, source: caches.slab.at }]),
      ...(cache.aliases.length > 0
        ? [
            {
              text: `the kernel serves these from it as well: ${cache.aliases.slice(0, 12).join(', ')}`,
              source: cache.at,
            },
          ]
        : []),
      ...sites
        .slice(0, 2)
        .map((s) => ({ text: `${s.detector}: ${spellCount(s.count)} × ${nameSites([s])}`, source: s.at })),
    ],
    next: [...(driver ? [driver.next] : []), secondSnapshot, readKmemleak, slabUsers(cache.name)],
    terms: ['slab cache', 'SUnreclaim', ...(kmallocSize(cache.name) === undefined ? [] : ['kmalloc'])],
  };
}
