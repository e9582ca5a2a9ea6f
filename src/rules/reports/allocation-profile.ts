import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import { defineRule, type Rule } from '../rule.ts';
import { nameSites } from '../sites.ts';

const GIB = 1024 ** 3;

/** Call sites that hold much memory by the kernel's own books (allocinfo, page_owner), the memory manager's set aside. */
export const allocationProfile: Rule<'callSites', 'accounting'> = defineRule({
  id: 'allocation-profile',
  title: 'call sites that hold much memory (allocinfo, page_owner)',
  needs: ['callSites'],
  mayUse: ['accounting'],
  examine({ callSites, accounting }): readonly Finding[] {
    const sites = callSites.filter((g) => g.detector === 'allocinfo' || g.detector === 'page_owner');
    const all = sumBytes(sites.map((g) => g.bytes).filter((b) => b !== undefined));
    const ram = accounting?.total.bytes;
    const floor = ram === undefined ? Math.max(GIB / 4, all * 0.1) : ram * 0.08;
    return sites
      .filter((g) => (g.bytes ?? 0) >= floor && !isMemoryManager(g))
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
      .slice(0, 3)
      .map((g) => describe(g, ram));
  },
});

/** Anonymous pages, page cache, slab pages, page tables: counted elsewhere, and no call site's fault. */
const isMemoryManager = ({ site, area }: CallSiteGroup): boolean =>
  area === 'slab' ||
  /^(?:mm\/(?!mempool)|kernel\/fork\.c|arch\/[^/]+\/(?:mm|kernel)\/|fs\/(?:dcache|inode|buffer|file_table)\.c|lib\/(?:xarray|radix-tree|maple_tree)\.c|init\/)/.test(
    site.frame.source ?? '',
  ) ||
  /^(?:alloc_slab_page|filemap_\w+|__filemap_\w+|page_cache_\w+|folio_prealloc|vma_alloc_\w+|do_anonymous_page|wp_page_copy|shmem_\w+|pte_alloc_one|__pte_alloc\w*|pmd_alloc\w*|__pmd_alloc|page_ext_\w+|init_page_owner|kernel_init_freeable|alloc_page_ext|__stack_depot_save|stack_depot_\w+)$/.test(
    site.function,
  );

function describe(group: CallSiteGroup, ram: number | undefined): Finding {
  const held = group.bytes ?? 0;
  const share = ram === undefined ? '' : ` (${spellShare(held / ram)} of RAM)`;
  const where = nameSites([group]);
  const source = group.site.frame.source;
  const name = group.site.module ?? group.site.subsystem;
  return {
    id: 'allocation-profile',
    title: `${where} holds ${spellBytes(held)}${share} in ${spellCount(group.count)} allocations`,
    summary: `${where}${source ? ` (${source})` : ''} holds ${spellBytes(held)}${share} by the kernel's own books. One look cannot tell a leak from a large cache.`,
    verdict: 'inconclusive',
    layer: group.area === 'vmalloc' ? 'vmalloc' : 'page-allocator',
    confidence: 0.5,
    ...(group.bytes === undefined ? {} : { bytes: group.bytes }),
    objects: group.count,
    subject: { function: group.site.function, ...(source ? { callSite: source } : {}) },
    ...(name === undefined
      ? {}
      : { owner: { kind: group.site.module ? 'module' : 'subsystem', name, function: group.site.function } }),
    evidence: [
      { text: `${group.detector}: ${spellBytes(held)} in ${spellCount(group.count)} allocations`, source: group.at },
    ],
    next: [
      {
        command: 'sort -rn /proc/allocinfo | head -20',
        why: 'in an hour, beside this one: the site that grows is the one',
        risk: 'none',
      },
    ],
    terms: group.detector === 'allocinfo' ? ['allocinfo'] : ['page_owner'],
  };
}
