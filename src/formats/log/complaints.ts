import type { TextLine } from '../text/line.ts';
import type { Complaint, KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';

/**
 * Lines by which the kernel complains of something lost. The group `count` is a number that the line states.
 *
 * Writers: net/core/page_pool.c, mm/page_alloc.c bad_page(), kernel/fork.c check_mm(), net/core/dev.c
 * netdev_wait_allrefs(), fs/super.c generic_shutdown_super(), kernel/dma/debug.c, lib/refcount.c, drivers/gpu/drm/
 * drm_mm.c, mm/page_owner.c, mm/percpu.c, i915_gem_shrinker.c, mm/oom_kill.c, net/ipv4/tcp.c, net/core/dst.c, fs/file_table.c.
 */
const COMPLAINTS: readonly (readonly [Complaint, RegExp])[] = [
  ['page-pool-stalled', /page_pool_release_retry\(\) stalled pool shutdown\D{0,6}(?:id \d+, )?(?<count>\d+) inflight/],
  ['bad-page', /BUG: Bad page (?:state|map|cache) in process/],
  ['bad-rss-counter', /BUG: Bad rss-counter state mm:\S+ (?:type:\w+ |idx:\d+ )val:-?(?<count>\d+)/],
  ['page-tables-not-freed', /BUG: non-zero (?:pgtables_bytes|nr_ptes|nr_pmds) on freeing mm: -?(?<count>\d+)/],
  ['netdevice-reference', /unregister_netdevice: waiting for \S+ to become free\. Usage count = (?<count>\d+)/],
  ['busy-inodes', /VFS: Busy inodes after unmount/],
  ['pending-dma', /device driver has pending DMA allocations while released from device(?: \[count=(?<count>\d+)\])?/],
  [
    'refcount-saturated',
    /refcount_t: (?:saturated; leaking memory|hit zero; leaking memory|overflow; leaking memory|decrement hit 0; leaking memory)/,
  ],
  ['drm-memory-manager', /Memory manager not clean during takedown/],
  ['page-owner-disabled', /^\s*page_owner is disabled/],
  ['percpu-exhausted', /^\s*percpu: allocation failed, size=/],
  ['gpu-memory-pinned', /Purging GPU memory, \d+ (?:pages|bytes) freed, (?<count>\d+) (?:pages|bytes) still pinned/],
  ['slab-list-unavailable', /excessive unreclaimable slab but cannot dump stats/],
  ['socket-memory', /TCP: out of memory -- consider tuning tcp_mem|TCP: too many (?:of )?orphaned sockets/],
  ['route-cache-full', /(?:dst cache overflow|Route cache is full)/],
  ['file-table-full', /VFS: file-max limit (?<count>\d+) reached/],
];

/** Whether a line is any of them. */
export const COMPLAINT_LINE: RegExp = new RegExp(
  COMPLAINTS.map(([, shape]) => shape.source.replace('?<count>', '?:')).join('|'),
);

/** The complaints in the lines. Lines that differ in numbers alone are one event, at the first. */
export function readComplaints(lines: readonly TextLine[], file: string): readonly KernelEvent[] {
  const found = new Map<string, Extract<KernelEvent, { kind: 'complaint' }>>();
  for (const line of lines) {
    if (!COMPLAINT_LINE.test(line.text)) continue;
    const what = COMPLAINTS.find(([, shape]) => shape.test(line.text));
    if (!what) continue;
    const count = what[1].exec(line.text)?.groups?.['count'];
    const key = `${what[0]} ${line.text.replaceAll(/\d+/g, '#')}`;
    const before = found.get(key);
    found.set(key, {
      ...(before ?? { kind: 'complaint', what: what[0], ...eventAt(file, line) }),
      text: line.text.trim(),
      ...(count !== undefined && Number.isSafeInteger(Number(count)) ? { count: Number(count) } : {}),
      times: (before?.times ?? 0) + 1,
    });
  }
  return [...found.values()];
}
