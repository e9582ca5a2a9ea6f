import type { Provenance } from '../src/base/provenance.ts';
import { bytes, type Bytes } from '../src/base/units.ts';
import type { Bucket, Diagnosis } from '../src/findings/diagnosis.ts';
import type { Layer } from '../src/findings/finding.ts';

/** Made documents for tests of the renderings. No figure in them was measured. */

const gib = (n: number): Bytes => bytes(Math.round(n * 1024 ** 3));
const mib = (n: number): Bytes => bytes(Math.round(n * 1024 ** 2));
const line = (file: string, number: number): Provenance => ({ kind: 'line', file, line: number });
const lines = (by: string, file: string, from: number, to: number): Provenance => ({
  kind: 'derived',
  by,
  from: Array.from({ length: to - from + 1 }, (_, i) => line(file, from + i)),
});
const bucket = (name: string, layer: Layer, label: string, size: Bytes, from: string): Bucket => ({
  name,
  layer,
  label,
  bytes: size,
  from,
});

/** One snapshot of a storage node: memory that no counter explains. */
export const pageAllocatorGrowth: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'growth',
  layer: 'page-allocator',
  summary: '92.7 GiB were taken straight from the page allocator; no counter explains them and no process holds them.',
  confidence: 0.9,
  accounting: {
    totalBytes: gib(125.6),
    buckets: [
      bucket('page-cache', 'page-cache', 'page cache', gib(19.6), 'Cached − Shmem + Buffers'),
      bucket('shmem', 'shmem', 'shared memory', gib(4), 'Shmem'),
      bucket('free', 'none', 'free', gib(3.9), 'MemFree'),
      bucket('processes', 'user', 'processes', gib(2.5), 'AnonPages'),
      bucket('slab-reclaimable', 'slab-reclaimable', 'reclaimable slab', gib(2), 'SReclaimable'),
      bucket('slab-unreclaimable', 'slab-unreclaimable', 'unreclaimable slab', gib(0.5), 'SUnreclaim'),
      bucket('per-cpu-lists', 'none', 'per-CPU free lists', gib(0.2), 'zoneinfo pagesets'),
      bucket('page-tables', 'page-tables', 'page tables', mib(90), 'PageTables'),
      bucket('kernel-stack', 'kernel-stack', 'kernel stacks', mib(22), 'KernelStack'),
    ],
    unaccountedBytes: bytes(gib(125.6) - gib(19.6) - gib(4) - gib(3.9) - gib(2.5) - gib(2.7) - mib(112)),
    unaccountedLow: gib(92.1),
    unaccountedHigh: gib(93.4),
    notes: ['vmallocinfo, which would change the unexplained part by at most 0.3 GiB'],
  },
  findings: [
    {
      id: 'unexplained-pages',
      title: 'Pages nobody accounts for: 92.7 GiB',
      summary: '92.7 GiB were taken straight from the page allocator.',
      verdict: 'growth',
      layer: 'page-allocator',
      confidence: 0.9,
      bytes: gib(92.7),
      subject: { function: '__alloc_pages_nodemask' },
      owner: { kind: 'driver', name: 'i40e 2.3.6' },
      knownIssue: {
        id: 'K-0007',
        title: 'Hosts with i40e 2.3.6 are reported to lose pages; 2.2.4 does not',
        fix: 'Run 2.2.4 or a version after 2.4.3 on one host and compare for two weeks',
        fixedIn: 'i40e 2.4.3',
        references: [
          'https://example.org/lists/netdev/12345',
          'https://example.org/release-notes/i40e',
          'changelog of i40e 2.4.3',
        ],
      },
      evidence: [
        {
          text: 'MemTotal minus everything meminfo counts leaves 92.7 GiB (between 92.1 and 93.4); all slab together is 2.5 GiB',
          source: lines('accounting', 'captures/node7/meminfo', 1, 44),
        },
        {
          text: 'No cache of slabinfo is large; kmalloc above 8 KiB is in no counter of this kernel and may be part of it',
          source: lines('caches', 'captures/node7/slabinfo', 3, 109),
        },
        {
          text: 'Free blocks are all of order 0 and 1, high orders are gone',
          source: line('captures/node7/buddyinfo', 3),
        },
      ],
      next: [
        { command: 'kleak known i40e', why: 'says what is known, and which versions', risk: 'none' },
        {
          command: 'kleak snapshot -o node7-later.tar.zst',
          why: 'in an hour, on that host: two snapshots give a rate',
          risk: 'none',
        },
        {
          command: 'kleak diagnose node7.tar.zst node7-later.tar.zst',
          why: 'proves or refutes the growth',
          risk: 'none',
        },
        {
          command: 'grubby --update-kernel=ALL --args=page_owner=on',
          why: 'after a reboot kleak snapshot names the function that takes the pages',
          risk: 'high',
        },
      ],
      terms: ['page allocator', 'page_owner'],
    },
  ],
  unread: [{ what: 'zoneinfo', why: 'not among the inputs; free pages on per-CPU lists are estimated' }],
  inputs: [
    { kind: 'meminfo', file: 'captures/node7/meminfo' },
    { kind: 'slabinfo', file: 'captures/node7/slabinfo' },
    { kind: 'buddyinfo', file: 'captures/node7/buddyinfo' },
  ],
  snapshots: [{ label: 'node7' }],
  series: [],
  skipped: [
    { rule: 'slab-cache-growth', because: 'needs two snapshots on one clock' },
    { rule: 'lockstep-growth', because: 'needs two snapshots on one clock' },
    { rule: 'kmemleak-report', because: 'no kmemleak report among the inputs' },
  ],
  host: { release: '3.10.0-693.el7.x86_64', machine: 'x86_64', name: 'node7' },
};

const DAY = 86_400;
const start = 1_790_000_000;
const every = (hours: number, of: (hour: number) => number): readonly (readonly [number, number])[] =>
  Array.from({ length: 49 }, (_, i) => [start + i * hours * 3600, Math.round(of(i * hours))] as const);
const wobble = (hour: number): number => Math.sin(hour / 3) * 3e5 + Math.sin(hour * 1.7) * 2e5;

/** Two days of snapshots: a cache that grows, and a detector's report that says who allocates. */
export const slabLeak: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'leak',
  layer: 'slab-unreclaimable',
  summary:
    'A tty is allocated at every open by pppd and never released: 1.1 GiB of kmalloc-1024 that nothing points to.',
  confidence: 0.97,
  rate: {
    bytesPerHour: 22_020_096,
    low: 21_076_377,
    high: 22_963_814,
    hoursLeft: 74,
    exhaustion: '2026-09-26T16:00:00Z',
  },
  accounting: {
    totalBytes: gib(3.8),
    buckets: [
      bucket('slab-unreclaimable', 'slab-unreclaimable', 'unreclaimable slab', gib(1.3), 'SUnreclaim'),
      bucket('free', 'none', 'free', gib(1.0), 'MemFree'),
      bucket('page-cache', 'page-cache', 'page cache', gib(0.7), 'Cached − Shmem + Buffers'),
      bucket('processes', 'user', 'processes', gib(0.5), 'AnonPages'),
      bucket('slab-reclaimable', 'slab-reclaimable', 'reclaimable slab', gib(0.13), 'SReclaimable'),
      bucket('vmalloc', 'vmalloc', 'vmalloc', mib(40), 'VmallocUsed − KernelStack'),
      bucket('percpu', 'percpu', 'per-CPU memory', mib(12), 'Percpu'),
    ],
    unaccountedBytes: bytes(gib(3.8) - gib(1.3) - gib(1) - gib(0.7) - gib(0.5) - gib(0.13) - mib(52)),
    notes: [],
  },
  findings: [
    {
      id: 'kmemleak-report',
      title: 'kmalloc-1024: 1,164,000 objects unreachable, allocated by alloc_tty_struct for pppd',
      summary: 'kmalloc-1024 holds 1.1 GiB that nothing points to.',
      verdict: 'leak',
      layer: 'slab-unreclaimable',
      confidence: 0.97,
      bytes: bytes(1_164_000 * 1024),
      objects: 1_164_000,
      rate: { bytesPerHour: 22_020_096, low: 21_076_377, high: 22_963_814, hoursLeft: 74 },
      subject: {
        cache: 'kmalloc-1024',
        aliases: ['kmalloc-cg-1k', 'biovec-64'],
        type: 'struct tty_struct',
        function: 'alloc_tty_struct',
        callSite: 'tty_open+0x2a4/0x420',
      },
      owner: { kind: 'process', name: 'pppd', function: 'tty_open' },
      evidence: [
        {
          text: 'kmemleak lists 100 unreferenced objects of 1024 bytes with one backtrace, comm "pppd"',
          source: line('field/kmemleak.txt', 7),
        },
        {
          text: 'kmalloc-1024 grew in 48 of 48 intervals, from 0.1 GiB to 1.1 GiB',
          source: {
            kind: 'derived',
            by: 'growth',
            from: [line('field/01/slabinfo', 88), line('field/49/slabinfo', 88)],
          },
        },
        {
          text: 'The object at ffff888102a4c000 starts with TTY_MAGIC (0x5401)',
          source: { kind: 'bytes', file: 'field/vmcore', offset: 0x102a4c000, length: 16 },
        },
      ],
      next: [
        { command: 'kleak lint drivers/tty', why: 'finds the open that drops no reference', risk: 'none' },
        { command: 'poff -a', why: 'stops the growth; what is lost returns with a reboot only', risk: 'low' },
      ],
      terms: ['SUnreclaim', 'kmemleak'],
    },
    {
      id: 'slab-cache-growth',
      title: 'tty_ldisc grows with it, object for object',
      summary: 'tty_ldisc grows with kmalloc-1024.',
      verdict: 'growth',
      layer: 'slab-unreclaimable',
      confidence: 0.8,
      bytes: mib(17.8),
      objects: 1_163_990,
      rate: { bytesPerHour: 330_000, low: 310_000, high: 352_000 },
      subject: { cache: 'kmalloc-16' },
      evidence: [{ text: 'kmalloc-16 and kmalloc-1024 rise by the same count', source: line('field/49/slabinfo', 96) }],
      next: [],
    },
  ],
  unread: [],
  inputs: [
    ...Array.from({ length: 49 }, (_, i) => ({
      kind: 'slabinfo',
      file: `field/${String(i + 1).padStart(2, '0')}/slabinfo`,
    })),
    { kind: 'kmemleak', file: 'field/kmemleak.txt' },
  ],
  snapshots: Array.from({ length: 49 }, (_, i) => ({
    label: String(i + 1).padStart(2, '0'),
    seconds: start + i * 3600,
  })),
  series: [
    { name: 'kmalloc-1024', points: every(1, (h) => 1.1e8 + h * 22_020_096 + wobble(h)) },
    { name: 'kmalloc-16', points: every(1, (h) => 2.9e6 + h * 330_000 + wobble(h) / 20) },
    { name: 'free', points: every(1, (h) => 2.3e9 - h * 22_900_000 + wobble(h) * 20) },
  ],
  skipped: [{ rule: 'page-owner-report', because: 'no page_owner report among the inputs' }],
  host: { release: '6.1.0-18-amd64', machine: 'x86_64' },
};

/** A cache that looks like a leak and is none. */
export const negativeDentries: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'not-a-leak',
  layer: 'slab-reclaimable',
  summary: '36.7 GiB of slab is reclaimable: dentries, 98 % of them negative (names that do not exist).',
  confidence: 0.95,
  accounting: {
    totalBytes: gib(62.7),
    buckets: [
      bucket('slab-reclaimable', 'slab-reclaimable', 'reclaimable slab', gib(36.7), 'SReclaimable'),
      bucket('processes', 'user', 'processes', gib(14), 'AnonPages'),
      bucket('free', 'none', 'free', gib(6.1), 'MemFree'),
      bucket('page-cache', 'page-cache', 'page cache', gib(4.2), 'Cached − Shmem + Buffers'),
      bucket('slab-unreclaimable', 'slab-unreclaimable', 'unreclaimable slab', gib(0.7), 'SUnreclaim'),
    ],
    unaccountedBytes: bytes(gib(62.7) - gib(36.7) - gib(14) - gib(6.1) - gib(4.2) - gib(0.7)),
    notes: [],
  },
  findings: [
    {
      id: 'negative-dentries',
      title: 'Negative dentries: 205 million names that do not exist',
      summary: 'Reclaimable dentries, nearly all negative.',
      verdict: 'not-a-leak',
      layer: 'slab-reclaimable',
      confidence: 0.95,
      bytes: gib(36.7),
      objects: 205_000_000,
      subject: { cache: 'dentry' },
      owner: { kind: 'program', name: 'curl 7.19.7 with NSS 3.16.1' },
      knownIssue: {
        id: 'K-0011',
        title: 'curl with NSS looks up names that do not exist, at every start',
        cause: 'NSS measures the speed of the disk by looking up files that are not there',
        fix: 'Set NSS_SDB_USE_CACHE=yes',
        fixedIn: 'nss 3.16.2',
        references: ['https://example.org/bugs/956082'],
      },
      evidence: [
        { text: 'dentry-state: 205,114,310 dentries, 201,011,024 negative', source: line('sos/dentry-state', 1) },
        { text: 'SReclaimable is 98 % of Slab', source: lines('share', 'sos/meminfo', 22, 24) },
      ],
      next: [
        { command: 'export NSS_SDB_USE_CACHE=yes', why: 'in the probe script: stops it at the source', risk: 'none' },
        {
          command: 'echo 2 > /proc/sys/vm/drop_caches',
          why: 'gives back about 36 GiB now; costs processor time and look-up speed, so off-peak',
          risk: 'low',
        },
      ],
      terms: ['dentry', 'SReclaimable'],
    },
  ],
  unread: [],
  inputs: [
    { kind: 'meminfo', file: 'sos/meminfo' },
    { kind: 'dentry-state', file: 'sos/dentry-state' },
  ],
  snapshots: [{ label: 'sos' }],
  series: [],
  skipped: [],
};

/** Too little to say anything. */
export const cannotTell: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'inconclusive',
  layer: 'none',
  summary:
    'A single table of the largest caches cannot show whether memory is being lost; meminfo from the same host would.',
  findings: [],
  unread: [
    { what: 'slabtop.txt', why: 'cut after 20 rows' },
    { what: 'screenshot.png', why: 'neither text nor an archive; tried: 31 text formats, tar, gzip, zstd, ELF' },
  ],
  inputs: [{ kind: 'slabtop', file: 'slabtop.txt' }],
  snapshots: [{ label: 'slabtop.txt', seconds: start + 3 * DAY }],
  series: [],
  skipped: [
    { rule: 'accounting', because: 'MemTotal was not seen (/proc/meminfo)' },
    { rule: 'unexplained-pages', because: 'MemTotal was not seen (/proc/meminfo)' },
    { rule: 'slab-cache-growth', because: 'needs two snapshots on one clock' },
  ],
};

export const sampleDiagnoses: readonly Diagnosis[] = [pageAllocatorGrowth, slabLeak, negativeDentries, cannotTell];

/** The same document with another text wherever a text stands that comes from data (names, titles, files, commands). */
export function withTexts(diagnosis: Diagnosis, text: (was: string) => string): Diagnosis {
  return {
    ...diagnosis,
    summary: text(diagnosis.summary),
    ...(diagnosis.accounting && {
      accounting: {
        ...diagnosis.accounting,
        buckets: diagnosis.accounting.buckets.map((b) => ({
          ...b,
          name: text(b.name),
          label: text(b.label),
          from: text(b.from),
        })),
        notes: [...diagnosis.accounting.notes, 'note'].map(text),
      },
    }),
    ...(diagnosis.rate && { rate: { ...diagnosis.rate, exhaustion: text('x') } }),
    findings: diagnosis.findings.map((f) => ({
      ...f,
      id: text(f.id),
      title: text(f.title),
      summary: text(f.summary),
      subject: {
        cache: text('c'),
        aliases: [text('a'), text('b')],
        type: text('t'),
        function: text('f'),
        callSite: text('s'),
      },
      owner: { kind: 'process', name: text('n'), function: text('f') },
      knownIssue: {
        id: text('K'),
        title: text('t'),
        cause: text('c'),
        fix: text('f'),
        fixedIn: text('v'),
        references: [text('https://r'), `https://example.org/${text('r')}`],
      },
      evidence: [
        { text: text(f.evidence[0].text), source: { kind: 'line', file: text('file'), line: 3 } },
        { text: text('more'), source: { kind: 'bytes', file: text('core'), offset: 4096, length: 8 } },
        { text: text('derived'), source: { kind: 'derived', by: text('rule'), from: [] } },
      ],
      next: [{ command: text('command'), why: text('why'), risk: 'low' }],
      terms: [text('term')],
    })),
    unread: [{ what: text('what'), why: text('why') }],
    inputs: [
      { kind: text('kind'), file: text('file') },
      { kind: text('kind'), file: text('other') },
    ],
    snapshots: [{ label: text('label') }],
    series: [{ name: text('series'), points: [[0, 1], [3600, 5_000_000], [7200, 8_000_000]] }], // prettier-ignore
    skipped: [{ rule: text('rule'), because: text('because') }],
    host: { release: text('release'), machine: text('machine'), name: text('host') },
  };
}
