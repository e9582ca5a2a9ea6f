import type { AllocationGroup } from './allocation-report.ts';

type Area = NonNullable<AllocationGroup['area']>;

const SLAB =
  /^(?:slab_|__slab_|___slab|__?kmalloc|k[mz]alloc|kcalloc|krealloc|__krealloc|kmem_cache_|__kmem_cache|kmemdup|kstr(?:n)?dup|k(?:v)?asprintf)/;
const VMALLOC = /^(?:__)?(?:vmalloc|vzalloc)|^module_alloc/;
const PERCPU = /^(?:pcpu_alloc|__alloc_percpu|__alloc_reserved_percpu)/;
const PAGES = /^(?:__)?(?:alloc_pages|get_free_pages|folio_alloc)/;
const OWN_CACHE = /^(?:__)?kmem_cache_alloc(?!.*trace)/;
/** Without address randomisation the vmalloc space of x86-64 begins here: four and five levels of page tables. */
const X86_VMALLOC = /^0x(?:ffffc9|ffa0)[0-9a-f]+$/;
const LARGEST_CACHE = 8192;
const PAGE = 4096;

/**
 * Where an object lies, from the first frame that tells, else from its address: kmalloc of more than 8 KiB starts at a
 * multiple of the next power of two, so a larger object that starts at another page is vmalloc's.
 */
export function areaOf(lines: readonly string[], address: string, size: number): Area {
  const symbols = lines.map(symbolOf);
  for (const symbol of symbols) {
    if (SLAB.test(symbol)) return 'slab';
    if (VMALLOC.test(symbol)) return 'vmalloc';
    if (PERCPU.test(symbol)) return 'percpu';
    if (PAGES.test(symbol)) return 'pages';
  }
  if (X86_VMALLOC.test(address)) return 'vmalloc';
  return size > LARGEST_CACHE && !symbols.some((s) => OWN_CACHE.test(s)) && isUnaligned(address, size)
    ? 'vmalloc'
    : 'slab';
}

const symbolOf = (line: string): string =>
  /^(?:\[<?[^>\]]{0,40}>?\]\s?)?([A-Za-z_.$][\w.$]{0,512})/.exec(line)?.[1] ?? '';

/** At a page's start, and not at a multiple of the power of two that holds the size. The low 32 bits tell. */
function isUnaligned(address: string, size: number): boolean {
  const low = Number.parseInt(address.slice(2).slice(-8), 16);
  const block = 2 ** Math.ceil(Math.log2(size));
  return low % PAGE === 0 && block < 2 ** 32 && low % block !== 0;
}

const SLAB_PAGES =
  /^(?:allocate_slab|new_slab|__slab_alloc|___slab_alloc|alloc_slab_page|refill_sheaf|cache_grow|cache_alloc_refill|_{0,4}cache_alloc|fallback_alloc|kmem_getpages)\b/;
const VMALLOC_PAGES = /^(?:__vmalloc_|vm_area_alloc_pages)/;
const PERCPU_PAGES = /^pcpu_/;

/** What a block of pages was taken for, from the stack: slab, vmalloc and per-CPU areas take theirs here too. */
export function pageAreaOf(lines: readonly string[]): Area {
  for (const symbol of lines.map(symbolOf)) {
    if (SLAB_PAGES.test(symbol)) return 'slab';
    if (VMALLOC_PAGES.test(symbol)) return 'vmalloc';
    if (PERCPU_PAGES.test(symbol)) return 'percpu';
  }
  return 'pages';
}
