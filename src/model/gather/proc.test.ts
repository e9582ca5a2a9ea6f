import { describe, expect, it } from 'vitest';
import { fixture } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { procFormats } from '../../formats/proc/catalog.ts';
import { cleanLines } from '../../formats/text/line.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import type { SnapshotPart } from '../snapshot.ts';
import { gatherProc } from './proc.ts';

const see = (text: string, file = 'input'): readonly Sighting[] =>
  splitBlocks(procFormats, cleanLines(text), file).sightings;
const gather = (...texts: readonly string[]): SnapshotPart =>
  gatherProc(texts.flatMap((text, i) => see(text, `file${i}`)));
const bytesOf = (part: SnapshotPart, name: string): number | undefined => part.counters?.get(name)?.bytes;
const real = (kind: string): string => fixture(`proc/${kind}/6.1-slub.txt`);

const KINDS = ['buddyinfo', 'loadavg', 'meminfo', 'modules', 'pagetypeinfo', 'slab-links', 'slabinfo', 'uptime'];

describe('the formats of /proc together', () => {
  it.each([...KINDS, 'version', 'vmallocinfo', 'vmstat', 'zoneinfo'])(
    '%s is claimed by its own format, whole',
    (kind) => {
      const { sightings, unclaimed } = splitBlocks(procFormats, cleanLines(real(kind)), kind);
      expect(sightings.map((s) => [s.kind, s.problems])).toEqual([[kind, []]]);
      expect(unclaimed).toBe(0);
    },
  );

  it('are told apart in one long text', () => {
    const text = ['vmstat', 'zoneinfo', 'pagetypeinfo', 'buddyinfo', 'meminfo', 'modules'].map(real).join('\n');
    expect(see(text).map((s) => s.kind)).toEqual([
      'vmstat',
      'zoneinfo',
      'pagetypeinfo',
      'buddyinfo',
      'meminfo',
      'modules',
    ]);
  });
});

describe('gathering /proc', () => {
  it('adds what meminfo lacks to it', () => {
    const part = gather(real('meminfo'), real('vmstat'), real('zoneinfo'));
    const counts = [...real('zoneinfo').matchAll(/count: (\d+)/g)].map(([, count]) => Number(count));
    expect(bytesOf(part, 'Pcp')).toBe(counts.reduce((a, b) => a + b) * 4096);
    expect(bytesOf(part, 'Managed')).toBe(bytesOf(part, 'MemTotal'));
    expect(bytesOf(part, 'Isolated(anon)')).toBe(0);
    expect(bytesOf(part, 'MiscReclaimable')).toBe(0);
  });

  it('takes the same amounts from vmstat and zoneinfo where there is no meminfo', () => {
    const [alone, meminfo] = [gather(real('vmstat'), real('zoneinfo')), gather(real('meminfo'))];
    for (const name of ['MemTotal', 'Shmem'])
      expect([name, bytesOf(alone, name)]).toEqual([name, bytesOf(meminfo, name)]);
  });

  it('takes no stacks from vmstat of a kernel that counts them in units of their own', () => {
    expect(bytesOf(gather('nr_free_pages 5\nnr_kernel_stack 120\n'), 'KernelStack')).toBeUndefined();
  });

  it('adds up the nodes, and leaves out what one of them lacks', () => {
    const node = (n: number, more = ''): string => `Node ${n} MemTotal: 100 kB\nNode ${n} FilePages: 30 kB\n${more}`;
    const part = gather(node(0, 'Node 0 Slab: 7 kB\n'), node(1));
    expect(bytesOf(part, 'MemTotal')).toBe(200 * 1024);
    expect(bytesOf(part, 'Cached')).toBe(60 * 1024);
    expect(bytesOf(part, 'Slab')).toBeUndefined();
    expect(bytesOf(gather('MemTotal: 150 kB\n', node(0)), 'MemTotal')).toBe(150 * 1024);
  });

  it('tells the page size from two files and uses it', () => {
    const part = gather('MemTotal: 99999999 kB\nMemFree: 6401000 kB\n', 'nr_free_pages 100000\nnr_zspages 2\n');
    expect(part.host?.pageSize).toBe(kibibytes(64));
    expect(bytesOf(part, 'Zspages')).toBe(2 * 65_536);
    expect(gather('MemFree: 400 kB\n').host).toEqual({});
  });

  it('puts the names that the kernel merged on their cache, and whether it is reclaimable', () => {
    const slabinfo = `slabinfo - version: 2.1\nkey_jar 5 32 256 16 1 : tunables 0 0 0 : slabdata 2 2 0\nfilp 1 2 256 16 1 : tunables 0 0 0 : slabdata 1 1 0`;
    const links = 'dquot -> :a-0000256\nkey_jar -> :0000256\nbiovec-16 -> :0000256\n';
    const [first, second] = gather(slabinfo, links).caches?.caches ?? [];
    expect(first).toMatchObject({ name: 'key_jar', aliases: ['biovec-16'], reclaimable: false, bytes: 8192 });
    expect(second).toMatchObject({ name: 'filp', aliases: [] });
    expect(second).not.toHaveProperty('reclaimable');
  });

  it('groups vmalloc areas by caller and knows the kernel stacks among them', () => {
    const area = (caller: string, pages: number): string =>
      `0x1-0x2   ${(pages + 1) * 4096} ${caller}+0x1/0x2 pages=${pages} vmalloc N0=${pages}\n`;
    const text =
      area('kernel_clone', 4) + area('copy_process.part.0', 4) + area('big_table', 64) + area('big_table', 1);
    const { vmalloc, host } = gather(text);
    expect(vmalloc?.stackBytes).toBe(8 * 4096);
    expect(vmalloc?.users[0]).toMatchObject({ caller: 'big_table', areas: 2, bytes: 65 * 4096 });
    expect(host?.pageSize).toBe(4096);
  });

  it('puts what several files say of one process together', () => {
    const files = [
      ['proc/812/status', 'Name:\tdaemon\nState:\tS\nPid:\t812\nVmRSS:\t  80 kB\n'],
      ['proc/812/smaps_rollup', 'Rss: 84 kB\nPss: 40 kB\nPss_Anon: 9 kB\n'],
    ] as const;
    const { processes } = gatherProc(files.flatMap(([file, text]) => see(text, file)));
    expect(processes).toMatchObject([{ pid: 812, name: 'daemon', rss: 80 * 1024, pss: 40 * 1024 }]);
    expect(processes).toHaveLength(1);
  });

  it('knows negative dentries only where the number cannot be the old dummy', () => {
    const state = (fifth: number): string => `fs.dentry-state = 100\t90\t45\t0\t${fifth}\t0`;
    expect(gather(state(7)).dentryState?.negative?.count).toBe(7);
    expect(gather(state(0)).dentryState).not.toHaveProperty('negative');
    expect(gather(state(0), real('version')).dentryState?.negative?.count).toBe(0);
    expect(gather(state(0), 'Linux version 4.19.0 (a@b)').dentryState).not.toHaveProperty('negative');
  });

  it('believes a bare number only where it can be a sum of PSS', () => {
    expect(gather('1721106\n').processSum?.pss?.bytes).toBe(1_721_106 * 1024);
    expect(gather('1721106\n', 'MemTotal: 1000000 kB\n')).not.toHaveProperty('processSum');
    expect(gather('1721106\n', '67584\n')).not.toHaveProperty('processSum');
  });

  it('makes pools of what managers say of themselves', () => {
    const arc = 'name type data\nc_max 4 9000\nsize 4 8000\n';
    const spl = 'buf_a 0x00042 500 400 4096 128 1 1 1 9 3 9 0 0 0\nzio_cache 0x00100 - 138 - 128 - - - - 1 - - - -\n';
    const { pools } = gather(
      arc,
      spl,
      'allocated bos: 2\nallocated bo size (kb): 8\n',
      'live: 1.0M (4)\npinned: 0 (0)\n',
    );
    expect(pools).toMatchObject([
      { id: 'zfs-arc', bytes: 8000, limit: 9000 },
      { id: 'spl-slab', bytes: 500, used: 400, objects: 3 },
      { id: 'gpu-buffers', owner: 'v3d', bytes: 8192, objects: 2 },
      { id: 'bcachefs-btree-cache', bytes: 1_048_576, objects: 4 },
    ]);
  });

  it('takes free lists from pagetypeinfo where there is no buddyinfo, unless a list overflowed', () => {
    expect(gather(real('pagetypeinfo')).freeLists).toHaveLength(2);
    const row = (count: string): string =>
      `Node 0, zone DMA, type Movable ${count} 2\nNode 0, zone DMA, type CMA 1 1\n`;
    expect(gather(row('4')).freeLists).toMatchObject([{ blocks: [5, 3] }]);
    expect(gather(row('>100000')).freeLists).toEqual([]);
  });

  it('knows modules, groups, sockets, uptime and release', () => {
    const part = gather(
      real('modules'),
      fixture('proc/cgroups/6.18-v1.txt'),
      fixture('proc/sockstat/6.18.txt'),
      real('uptime'),
      'Linux box 6.6.1 #1 SMP Tue x86_64 GNU/Linux',
    );
    expect(part.modules?.[0]).toMatchObject({ references: 2 });
    expect(part.cgroups?.some((group) => group.name === 'memory')).toBe(true);
    expect(part.sockets?.tcpMemory?.bytes).toBe(bytesOf(part, 'TcpMem'));
    expect(part.time?.clock).toBe('boot');
    expect(part.host).toMatchObject({ release: '6.6.1', machine: 'x86_64', name: 'box' });
  });
});
