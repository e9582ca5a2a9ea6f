import { GIB, makeGroup, makeReport, MIB } from '../facts.ts';
import { at, events, more, series, type RuleCase } from './hosts.ts';
import { bytes } from '../../src/base/units.ts';
import type { KernelEvent } from '../../src/model/snapshot.ts';

/** SysRq-m at a time since boot, with so much unreclaimable slab of 4 GiB. */
const report = (uptime: number, slab: number): KernelEvent => ({
  kind: 'memory-report',
  uptime,
  report: {
    amounts: new Map([
      ['SUnreclaim', { bytes: bytes(slab), at }],
      ['MemTotal', { bytes: bytes(4 * GIB), at }],
    ]),
    caches: [],
    allocations: [],
    hugepages: [],
  },
  at,
});

/** Rules about reports and logs, by id: what makes each speak, and what must not. The pairs are as near to each other as they can be. */
export const reportCases: Readonly<Record<string, RuleCase>> = {
  'kernel-complaint': {
    fires: {
      'objects that remained in a destroyed cache': events({
        kind: 'objects-remaining',
        cache: 'kmalloc_dummy',
        objects: 3,
        at,
      }),
      'a module that left memory behind': events({
        kind: 'module-unload-leak',
        module: 'm',
        function: 'f',
        source: 'm.c:3',
        bytes: bytes(4096),
        at,
      }),
    },
    rests: { 'a log that only tells the release': events({ kind: 'release', release: '6.1.0', at }) },
  },
  'lost-reference': {
    fires: {
      'pages of a page pool in flight': events({
        kind: 'complaint',
        what: 'page-pool-stalled',
        text: 'page_pool_release_retry() stalled pool shutdown 12 inflight 60 sec',
        count: 12,
        times: 3,
        at,
      }),
      'a network device that cannot go': events({
        kind: 'complaint',
        what: 'netdevice-reference',
        text: 'unregister_netdevice: waiting for lo to become free. Usage count = 1',
        count: 1,
        times: 1,
        at,
      }),
    },
    rests: {
      'page_owner that is off': events({
        kind: 'complaint',
        what: 'page-owner-disabled',
        text: 'page_owner is disabled',
        times: 1,
        at,
      }),
    },
  },
  'dumped-objects': {
    fires: {
      'words of an object that are a table of seq_file functions': more({
        dumped: {
          objects: [{ cache: 'kmalloc-128', address: 'ffff888000000000', at }],
          words: [],
          structs: [],
          symbols: ['single_start', 'single_stop', 'single_next', 'foo_show'].map((symbol, i) => ({
            address: `ffffffff8100000${i}`,
            symbol,
            at,
          })),
        },
      }),
    },
    rests: {
      'a symbol that happens to be one of them': more({
        dumped: {
          objects: [],
          words: [],
          structs: [],
          symbols: [{ address: 'ffffffff81000000', symbol: 'single_start', at }],
        },
      }),
    },
  },
  'detector-report': {
    fires: {
      'unreferenced objects in a report of kmemleak': more({
        reports: [
          makeReport('kmemleak', [
            makeGroup(['__kmalloc', 'foo_open@foo'], { count: 40, bytes: bytes(5120), objectSize: bytes(128) }),
          ]),
        ],
      }),
    },
    rests: {
      'what allocinfo lists is alive, not lost': more({
        reports: [makeReport('allocinfo', [makeGroup(['foo_open'], { count: 40, bytes: bytes(5120) })])],
      }),
    },
  },
  'call-site-growth': {
    fires: {
      'a site of allocinfo that holds more each time': series((i) => ({
        more: {
          reports: [
            makeReport('allocinfo', [
              makeGroup(['foo_fill@foo'], { count: 1000 * (i + 1), bytes: bytes(100 * MIB * (i + 1)) }),
            ]),
          ],
        },
      })),
    },
    rests: {
      'a site that rests': series(() => ({
        more: {
          reports: [makeReport('allocinfo', [makeGroup(['foo_fill@foo'], { count: 1000, bytes: bytes(100 * MIB) })])],
        },
      })),
    },
  },
  'slab-traces': {
    fires: {
      'a call site with a million live objects': more({
        reports: [makeReport('slab-traces', [makeGroup(['foo_alloc@foo'], { count: 1_000_000, cache: 'kmalloc-64' })])],
      }),
    },
    rests: {
      'a thousand of them': more({
        reports: [makeReport('slab-traces', [makeGroup(['foo_alloc@foo'], { count: 1000, cache: 'kmalloc-64' })])],
      }),
    },
  },
  'no-shortage': {
    fires: {
      'a kill by SysRq': events({ kind: 'out-of-memory', trigger: 'sysrq', tasks: [], at }),
      'a vmalloc request beyond reason': events({
        kind: 'allocation-failure',
        vmalloc: true,
        requested: bytes(GIB),
        stack: [],
        at,
      }),
    },
    rests: { 'a kill for an allocation': events({ kind: 'out-of-memory', trigger: 'allocation', tasks: [], at }) },
  },
  'outstanding-allocations': {
    fires: {
      'allocations of a driver that memleak saw and did not see freed': more({
        reports: [
          makeReport('memleak', [makeGroup(['__kmalloc', 'foo_fill@foo'], { count: 640, bytes: bytes(2 * MIB) })]),
        ],
      }),
    },
    rests: {
      'the page cache, filled while memleak ran': more({
        reports: [
          makeReport('memleak', [
            makeGroup(['__alloc_pages', 'page_cache_ra_unbounded'], { count: 640, bytes: bytes(2 * MIB) }),
          ]),
        ],
      }),
    },
  },
  'report-series': {
    fires: {
      'slab that doubled from one SysRq-m to the next': events(report(600, 900 * MIB), report(8000, 1900 * MIB)),
    },
    rests: {
      'slab that doubled over a boot': events(report(9000, 900 * MIB), report(60, 1900 * MIB)),
    },
  },
  'kill-unexplained': {
    fires: {
      'the last line of a kill': events({
        kind: 'out-of-memory',
        tasks: [],
        killed: { pid: 7, name: 'foo', anonRss: bytes(GIB) },
        at,
      }),
    },
    rests: {
      'a kill by a memory cgroup': events({
        kind: 'out-of-memory',
        trigger: 'memory-cgroup',
        tasks: [],
        killed: { pid: 7, name: 'foo' },
        at,
      }),
    },
  },
  'allocation-profile': {
    fires: {
      'a driver that holds a quarter of RAM by allocinfo': more({
        reports: [makeReport('allocinfo', [makeGroup(['foo_fill@foo'], { count: 9, bytes: bytes(2 * GIB) })])],
      }),
    },
    rests: {
      'the memory manager’s own': more({
        reports: [
          makeReport('page_owner', [
            makeGroup(['do_anonymous_page'], { count: 9, bytes: bytes(2 * GIB), movable: true }),
          ]),
        ],
      }),
    },
  },
  'kmemleak-state': {
    fires: {
      'an early log that overflowed': events({
        kind: 'kmemleak',
        state: 'early-log-exceeded',
        text: 'kmemleak: Early log buffer exceeded',
        at,
      }),
    },
    rests: {
      'a detector that is on': events({
        kind: 'kmemleak',
        state: 'initialized',
        text: 'kmemleak: Kernel memory leak detector initialized',
        at,
      }),
    },
  },
};
