import type { Frame } from '../detectors/frame.ts';
import type { TextLine } from '../text/line.ts';
import type { Complaint, KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';
import { firstStack } from './log-stack.ts';

/**
 * Lines by which the kernel complains of something lost. The group `count` is a number that the line states.
 *
 * Writers: net/core/page_pool.c, mm/page_alloc.c bad_page(), kernel/fork.c check_mm(), net/core/dev.c
 * netdev_wait_allrefs(), fs/super.c generic_shutdown_super(), fs/dcache.c umount_check(), kernel/dma/debug.c,
 * lib/refcount.c, drivers/gpu/drm/drm_mm.c, mm/page_owner.c, mm/percpu.c, i915_gem_shrinker.c, mm/oom_kill.c,
 * net/ipv4/tcp.c, net/core/dst.c, fs/file_table.c, fs/proc/generic.c, net/core/sock.c, mm/dmapool.c,
 * drivers/infiniband/core/restrack.c.
 */
const COMPLAINTS: readonly (readonly [Complaint, RegExp])[] = [
  [
    'page-pool-stalled',
    /page_pool_release_retry\(\):? (?:[\w.@:-]{1,32} )?stalled pool shutdown:? (?:id \d+, )?(?<count>-?\d+) inflight/,
  ],
  ['bad-page', /BUG: Bad page (?:state|map|cache) in process/],
  ['bad-rss-counter', /BUG: Bad rss-counter state mm:\S+ (?:type:\w+ |idx:\d+ )val:-?(?<count>\d+)/],
  ['page-tables-not-freed', /BUG: non-zero (?:pgtables_bytes|nr_ptes|nr_pmds) on freeing mm: -?(?<count>\d+)/],
  ['netdevice-reference', /unregister_netdevice: waiting for \S+ to become free\. Usage count = (?<count>\d+)/],
  ['busy-inodes', /VFS: Busy inodes after unmount|BUG: Dentry \S.{0,300} still in use \((?<count>\d+)\) \[unmount of /],
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
  [
    'left-behind',
    /removing non-empty directory '[^']{1,200}', leaking at least '|optmem leakage \((?<count>\d+) bytes\) detected|dma_pool_destroy \S+, \S+ busy|[Rr]estrack: .{0,80}object allocated by \S+ is not freed/,
  ],
];

/** Whether a line is any of them. */
export const COMPLAINT_LINE: RegExp = new RegExp(
  COMPLAINTS.map(([, shape]) => shape.source.replace('?<count>', '?:')).join('|'),
);

/** What a network driver says of its device: `fec 30be0000.ethernet eth0: Link is Up`, `ixgbe 0000:01:00.0: …`. */
const DRIVER =
  /^([a-z]\w{1,31}) [\w-]{1,40}[:.][\w:.-]{1,40}(?: [\w.@-]{1,32}(?: \([\w ]{1,32}\))?)?: .{0,120}\b(?:[Ll]ink|NIC|XDP|MTU|mtu|[RrTt]x|ring|queues?|page_pool)\b/;
const DETAIL =
  /^\s*(?:(?:DMA-API: \S.{0,80}: )?One of leaked entries details: .{1,300}|page dumped because: \S.{0,200})$/;
const MAPPED_AT = /DMA-API: Mapped at:|^\s*Mapped at:/;
/** What belongs to a complaint stands within so many lines of it. */
const NEAR = 80;
/** Reading what stands around a complaint is for the first ones only: a log may repeat one a million times. */
const CLOSELY = 40;

type Complained = Extract<KernelEvent, { kind: 'complaint' }>;

/** The complaints in the lines. Lines that differ in numbers alone are one event, at the first; page pools are told apart. */
export function readComplaints(lines: readonly TextLine[], file: string): readonly KernelEvent[] {
  const found = new Map<string, Complained>();
  let driver: string | undefined;
  for (const [i, line] of lines.entries()) {
    if (line.logged === true) driver = DRIVER.exec(line.text)?.[1] ?? driver;
    const read = COMPLAINT_LINE.test(line.text) ? readOne(line.text) : undefined;
    if (!read) continue;
    const close = found.size < CLOSELY;
    const pool = close ? (/shutdown:? (id \d+),/.exec(line.text)?.[1] ?? '') : '';
    const key = `${read.what} ${pool} ${line.text.replaceAll(/\d+/g, '#')}`;
    const before = found.get(key);
    const beside = close ? around(read.what, lines.slice(i + 1, i + 1 + NEAR), driver) : {};
    found.set(key, {
      ...(before ?? { kind: 'complaint', ...eventAt(file, line), ...beside }),
      ...read,
      times: (before?.times ?? 0) + 1,
    });
  }
  return [...found.values()];
}

function readOne(text: string): Pick<Complained, 'what' | 'text' | 'count'> | undefined {
  const [what, shape] = COMPLAINTS.find(([, known]) => known.test(text)) ?? [];
  if (what === undefined) return undefined;
  const count = Number(shape?.exec(text)?.groups?.['count']);
  // Below zero is what a page pool prints whose own counter is broken.
  return { what, text: text.trim(), ...(Number.isSafeInteger(count) && count >= 0 ? { count } : {}) };
}

/** What the lines below add, and the driver heard of above. The next complaint ends it. */
function around(what: Complaint, below: readonly TextLine[], driver: string | undefined): Beside {
  if (what === 'page-pool-stalled') return driver === undefined ? {} : { nearDriver: driver };
  if (what !== 'pending-dma' && what !== 'refcount-saturated' && what !== 'bad-page') return {};
  const end = below.findIndex(({ text }) => COMPLAINT_LINE.test(text));
  const own = end < 0 ? below : below.slice(0, end);
  const detail = own.find(({ text }) => DETAIL.test(text))?.text.trim();
  const stack = what === 'pending-dma' ? mappedAt(own) : firstStack(own);
  return { ...(detail === undefined ? {} : { detail }), ...(stack.length > 0 ? { stack } : {}) };
}

type Beside = Pick<Complained, 'detail' | 'stack' | 'nearDriver'>;

function mappedAt(lines: readonly TextLine[]): readonly Frame[] {
  const at = lines.findIndex(({ text }) => MAPPED_AT.test(text));
  return at < 0 ? [] : firstStack(lines.slice(at + 1, at + 13));
}
