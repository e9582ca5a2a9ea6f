import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { dmesg } from './dmesg.ts';
import type { KernelEvent } from './kernel-event.ts';

const oom = fixture('log/dmesg/6.8-oom.txt');
const events = (text: string): readonly KernelEvent[] => readBlock(dmesg, text, 'dmesg').value.events;
const line = (n: number): object => ({ kind: 'line', file: 'dmesg', line: n });

/** The only event of a text, of the kind expected. */
function only<K extends KernelEvent['kind']>(text: string, kind: K): Extract<KernelEvent, { kind: K }> {
  const all = events(text);
  expect(all.map((e) => e.kind)).toEqual([kind]);
  const [first] = all.filter((e): e is Extract<KernelEvent, { kind: K }> => e.kind === kind);
  if (!first) throw new Error('no event');
  return first;
}

const amount = (
  event: { report?: { amounts: ReadonlyMap<string, { bytes: number }> } },
  name: string,
): number | undefined => event.report?.amounts.get(name)?.bytes;

describe('dmesg: claims', () => {
  const claimed = (text: string): number => {
    const lines = cleanLines(text);
    return dmesg.claim(lines, 0);
  };

  it('takes pages of PowerPC for 64 KiB where nothing says their size', () => {
    const trace = '[c0000001cb163b50] [c00000000052b544] do_anonymous_page+0x124/0xac0';
    const text = [
      trace,
      'Mem-Info:',
      'active_anon:100 inactive_anon:0 isolated_anon:0',
      ' free:50 free_pcp:0 free_cma:0',
    ]
      .map((line) => `[93334.020253] ${line}`)
      .join('\n');
    const amountOf = (input: string): number | undefined =>
      readBlock(dmesg, input, 'dmesg').value.events.flatMap((e) =>
        'report' in e && e.report ? [e.report.amounts.get('MemFree')?.bytes] : [],
      )[0];
    expect(amountOf(`[1.000001] foo invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0\n${text}`)).toBe(
      50 * 65_536,
    );
    expect(amountOf(text.slice(text.indexOf('\n') + 1))).toBe(50 * 4096);
  });

  it('claims logged lines, whichever logger wrote them', () => {
    for (const prefix of [
      '[    1.234567] ',
      '[    1.234567][  T123] ',
      '<6>[    1.234567] ',
      '[Sun Jul 27 09:17:38 2025] ',
      '[  +0.000012] ',
      '[Jul27 09:17] ',
      'kern  :warn  : [    1.234567] ',
      '6,339,5140900,-;',
      'May 15 09:38:52.733960 node7 kernel: ',
      'May 15 09:38:52 node7 kernel: [    1.234567] ',
      '2025-07-27T09:17:38.123456+02:00 node7 kernel: ',
      '2025-07-27T09:17:38,123456+02:00 ',
      'Sun Jul 27 09:17:38 2025 kern.warn kernel: [    1.234567] ',
      'node7 kernel: [    1.234567] ',
    ]) {
      const lines = cleanLines(`${prefix}usb 1-1: new device`);
      expect([prefix, lines[0]?.text, dmesg.claim(lines, 0)]).toEqual([prefix, 'usb 1-1: new device', 1]);
    }
  });

  it("does not claim a text with brackets, a list of versions or another program's log", () => {
    for (const text of [
      'see [1] for the patch',
      '[12] 34 56',
      'kernel: 5.10.0 is what we run',
      'Jul 14 20:22:09 node7 systemd[1]: Started x.',
      '2025-07-27 09:17:38 total 1234',
      'SUnreclaim:  478820 kB',
      'Node 0, zone   Normal   837   912',
      'nr_active_anon 1234',
    ])
      expect([text, claimed(text)]).toEqual([text, 0]);
  });

  it('ends where another format begins', () => {
    for (const next of [
      'unreferenced object 0xffff8881002a4000 (size 128):',
      '[   12.000001] kmemleak: unreferenced object 0xffff8881002a4000 (size 128):',
      'slabinfo - version: 2.1',
      'MemTotal:  131748024 kB',
      'SUnreclaim:  478820 kB',
      'root@pi4:~# free -m',
    ])
      expect([next, claimed(`[   11.000001] a\n[   11.000002] b\n${next}\n[   13.000001] c`)]).toEqual([next, 2]);
  });

  it("bridges a few strange lines and other programs' lines of a journal", () => {
    const daemon = 'May 15 09:38:53 node7 systemd[1]: Started something.\n'.repeat(9);
    expect(claimed(`May 15 09:38:52 node7 kernel: a\n${daemon}May 15 09:38:54 node7 kernel: b\n`)).toBe(11);
    expect(claimed('[    1.000001] a\nwhat\nis\nthis\n[    2.000001] b')).toBe(5);
    expect(claimed('[    1.000001] a\nwhat\nis\nall\nthis\n[    2.000001] b')).toBe(1);
  });

  it('claims a report whose prefixes were cut off', () => {
    const bare = oom.replaceAll(/^\[ ?\d+\.\d+\] /gm, '');
    expect(claimed(bare)).toBe(oom.trimEnd().split('\n').length);
    expect(events(bare)).toHaveLength(1);
  });
});

describe('dmesg: out of memory', () => {
  it('reads a whole report', () => {
    const event = only(oom, 'out-of-memory');
    expect(event).toMatchObject({
      at: line(1),
      uptime: 9310.114201,
      trigger: 'allocation',
      process: 'java',
      order: 0,
      release: '6.8.0-31-generic',
      killed: { pid: 2210, name: 'java', anonRss: kibibytes(320_000) },
    });
    const { report, tasks } = event;
    expect(
      Object.fromEntries([...(report?.amounts ?? [])].map(([name, { bytes }]) => [name, bytes / 1024])),
    ).toMatchObject({
      MemTotal: (1_048_606 - 44_766) * 4,
      MemFree: 80_000,
      Pcp: 1200,
      'Inactive(anon)': 320_000,
      SUnreclaim: 2_800_000,
      SReclaimable: 20_000,
      MiscReclaimable: 24,
      KernelStack: 5000,
      PageTables: 6000,
      SecPageTables: 12,
      Mlocked: 16,
      AnonHugePages: 20_480,
      FilePages: 812 * 4,
      SwapCached: 160,
      SwapTotal: 1_048_572,
      SwapFree: 0,
      Hugetlb: 64 * 2048,
    });
    expect(report?.hugepages).toEqual([
      { size: kibibytes(1_048_576), total: 0, free: 0 },
      { size: kibibytes(2048), total: 64, free: 60 },
    ]);
    expect(report?.caches.map(({ name, total }) => [name, total / 1024])).toEqual([
      ['foo_rx_desc', 2_600_100],
      ['kmalloc-2k', 9216],
      ['dnotify mark', 8],
    ]);
    expect(report?.allocations).toMatchObject([
      {
        stack: [{ symbol: 'foo_refill', module: 'foo_net', source: 'drivers/net/foo/rx.c:88' }],
        count: 629_145,
        bytes: Math.round(2.4 * 2 ** 30),
      },
      { stack: [{ symbol: 'folio_prealloc' }], bytes: 310 * 2 ** 20 },
    ]);
    expect(tasks.map(({ pid, name, rss }) => [pid, name, rss / 4096])).toEqual([
      [312, 'systemd-udevd', 800],
      [2210, 'java', 80_500],
      [2391, 'tmux: server', 250],
    ]);
  });

  it('says where each amount stands', () => {
    const { report } = only(oom, 'out-of-memory');
    expect(report?.amounts.get('SUnreclaim')?.at).toEqual(line(19));
    expect(report?.amounts.get('Mlocked')?.at).toMatchObject({ kind: 'derived', from: [line(25), line(27)] });
  });

  it('sums nodes or zones only where all are there', () => {
    const zone = (name: string, more = ''): string =>
      `[    1.000001] Node 0 ${name} free:100kB min:4kB managed:1000kB kernel_stack:8kB${more}\n`;
    const pages = '[    1.000000] free:50 free_pcp:1 free_cma:0\n';
    const end = '[    1.000003] 3 total pagecache pages\n';
    expect(amount(only(pages + zone('DMA') + zone('Normal') + end, 'out-of-memory'), 'KernelStack')).toBe(16 * 1024);
    expect(amount(only(pages + zone('DMA') + zone('Normal') + end, 'out-of-memory'), 'MemTotal')).toBe(2000 * 1024);
    expect(amount(only(pages + zone('DMA') + zone('Normal'), 'out-of-memory'), 'MemTotal')).toBeUndefined();
    expect(amount(only(zone('Normal') + zone('Movable') + end, 'out-of-memory'), 'MemTotal')).toBeUndefined();
    const torn = zone('Normal').replace('8kB', '8k>');
    expect(amount(only(pages + zone('DMA') + torn + end, 'out-of-memory'), 'KernelStack')).toBeUndefined();
  });

  it('takes the page size from the free lists, or from amounts given both ways', () => {
    const list = '[    1.0001] free:100 free_pcp:1\n[    1.0002] Normal: 3*64kB (U) 2*128kB (U) 0*256kB = 448kB\n';
    expect(amount(only(list, 'out-of-memory'), 'MemFree')).toBe(6400 * 1024);
    const both =
      '[    1.0001] active_anon:1000 inactive_anon:2 isolated_anon:0\n[    1.0002] Node 0 active_anon:16000kB inactive_anon:32kB active_file:0kB all_unreclaimable? no\n';
    expect(amount(only(both, 'out-of-memory'), 'Active(anon)')).toBe(16_000 * 1024);
  });

  it('joins lines that a mail program folded, in the middle of words and numbers too', () => {
    const text =
      '> Mar 26 12:32:25 a kernel: [126.433937]  free:50 free_pcp:0 free_cma:16\n' +
      '> Mar 26 12:32:25 a kernel: [126.433946] Node 0 active_anon:4480kB inactive_anon:12kB ac\n' +
      '> tive_file:1284kB inactive_file:1652kB shmem:78\n> 4kB writeback_tmp:0kB all_unreclaimable? no\n' +
      '> Mar 26 12:32:25 a kernel: [126.433957] Normal free:200kB min:16kB writ\n' +
      '> epending:0kB present:970kB managed:949kB mlocked:40kB\n> pagetables:20kB bounce:0kB\n' +
      '> Mar 26 12:32:25 a kernel: [126.433960] lowmem_reserve[]: 0 0\n';
    const event = only(text, 'out-of-memory');
    expect(
      ['Active(file)', 'Shmem', 'MemTotal', 'Mlocked', 'PageTables'].map((name) => (amount(event, name) ?? 0) / 1024),
    ).toEqual([1284, 784, 949, 40, 20]);
  });

  it('reads the middle of a report, and its tail alone, as events with what is there', () => {
    const rows = oom.split('\n');
    const middle = only(rows.slice(17, 24).join('\n'), 'out-of-memory');
    expect(middle).not.toHaveProperty('trigger');
    expect(amount(middle, 'SUnreclaim')).toBe(2_800_000 * 1024);
    const tail = only(rows.slice(-8).join('\n'), 'out-of-memory');
    expect(tail).toMatchObject({ tasks: [{ pid: 312 }, { pid: 2210 }, { pid: 2391 }], killed: { pid: 2210 } });
    expect(tail).not.toHaveProperty('report');
  });

  it('keeps two reports apart, whole or torn', () => {
    expect(events(oom + oom)).toHaveLength(2);
    const tail = oom.split('\n').slice(20).join('\n');
    expect(events(tail + oom)).toHaveLength(2);
    expect(events(tail + tail)).toHaveLength(2);
    const kills = [11, 12]
      .map((pid) => `[   ${pid}.000001] Out of memory: Killed process ${pid} (a) total-vm:8kB, anon-rss:4kB\n`)
      .join('');
    expect(events(kills)).toMatchObject([{ killed: { pid: 11 } }, { killed: { pid: 12 } }]);
  });

  it("tells the operator's kill from an allocation's and a memory cgroup's", () => {
    const manual =
      '[    1.000000] sysrq: Manual OOM execution\n[    1.000001] kworker/0:0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0\n';
    expect(only(manual, 'out-of-memory')).toMatchObject({ trigger: 'sysrq', process: 'kworker/0:0', order: -1 });
    const old =
      '[    1.000001] events/0 invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=0\n[    1.000002]  [<ffffffff8113f3c6>] ? moom_callback+0x29/0x30\n[    1.000003] Mem-Info:\n';
    expect(only(old, 'out-of-memory').trigger).toBe('sysrq');
    const cgroup =
      '[    1.000001] stress invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n' +
      '[    1.000002] memory: usage 102400kB, limit 102400kB, failcnt 81\n[    1.000003] kmem: usage 90000kB, limit 9007199254740988kB, failcnt 0\n' +
      '[    1.000004] Memory cgroup stats for /box: cache:0KB rss:8KB active_anon:8KB inactive_anon:0KB\n' +
      '[    1.000005] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/box,task_memcg=/box/a,task=stress,pid=7,uid=0\n' +
      '[    1.000006] Memory cgroup out of memory: Killed process 7 (stress) total-vm:8kB, anon-rss:4kB, file-rss:0kB\n';
    const event = only(cgroup, 'out-of-memory');
    expect(event).toMatchObject({
      trigger: 'memory-cgroup',
      cgroup: { path: '/box', usage: kibibytes(102_400), limit: kibibytes(102_400), kernel: kibibytes(90_000) },
    });
    expect(event).not.toHaveProperty('report');
  });

  it('reads the reports of Linux 2.6.18 and 2.6.32', () => {
    const rhel5 =
      'Mar 26 12:32:25 a kernel: oom-killer: gfp_mask=0x201d2, order=0\nMar 26 12:32:25 a kernel: Mem-info:\n' +
      'Mar 26 12:32:25 a kernel: Active:241650 inactive:20 dirty:0 writeback:0 unstable:0 free:11294 slab:90000 mapped-file:1058 mapped-anon:100586 pagetables:5024\n' +
      'Mar 26 12:32:25 a kernel: Node 0 DMA free:10984kB min:20kB low:24kB high:28kB active:0kB inactive:0kB present:10584kB pages_scanned:0 all_unreclaimable? yes\n' +
      'Mar 26 12:32:25 a kernel: 1310720 pages of RAM\nMar 26 12:32:25 a kernel: 299253 reserved pages\n' +
      'Mar 26 12:32:25 a kernel: Out of memory: Killed process 4712 (httpd).\n';
    const event = only(rhel5, 'out-of-memory');
    expect(event).toMatchObject({ trigger: 'allocation', killed: { pid: 4712, name: 'httpd' } });
    expect([amount(event, 'Slab'), amount(event, 'AnonPages'), amount(event, 'MemTotal')]).toEqual(
      [90_000, 100_586, 1_310_720 - 299_253].map((n) => n * 4096),
    );
    const rhel6 =
      '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n[  480]     0   480     2773      210   1     -17         -1000 udevd\n' +
      'Out of memory: Kill process 4712 (httpd) score 5 or sacrifice child\nKilled process 4790, UID 48, (httpd) total-vm:512kB, anon-rss:40kB, file-rss:4kB\n';
    expect(only(rhel6, 'out-of-memory')).toMatchObject({
      tasks: [{ name: 'udevd', rss: 210 * 4096 }],
      killed: { pid: 4790, anonRss: 40_960 },
    });
  });

  it('reads the slab table with rounded sizes, its rows without prefix', () => {
    const text =
      'May 15 09:38:52.733996 a kernel: Unreclaimable slab info:\nMay 15 09:38:52.734005 a kernel: kmalloc-512       total: 56.7 MB active: 50 MB\n' +
      '                                         vmap_area         total: 11.2 MiB active: 512 KiB\n';
    expect(only(text, 'out-of-memory').report?.caches).toMatchObject([
      { name: 'kmalloc-512', used: 50_000_000, total: 56_700_000 },
      { name: 'vmap_area', used: 512 * 1024, total: Math.round(11.2 * 2 ** 20), at: line(3) },
    ]);
  });

  it('does not take what the operator asked to see for a kill', () => {
    const text =
      '[    1.000001] sysrq: Show Memory\n[    1.000002] Mem-Info:\n[    1.000003]  free:100 free_pcp:0 free_cma:0\n';
    expect(amount(only(text, 'memory-report'), 'MemFree')).toBe(409_600);
  });

  it('reads back what was written', () => {
    const pages = fc.nat(2 ** 30);
    fc.assert(
      fc.property(pages, pages, pages, fc.constantFrom(4, 16, 64), (free, slab, ram, kb) => {
        const text =
          `[    1.000001] Mem-Info:\n[    1.000002]  slab_reclaimable:1 slab_unreclaimable:${slab}\n[    1.000003]  free:${free} free_pcp:0 free_cma:0\n` +
          `[    1.000004] Node 0 Normal: 1*${kb}kB (U) 0*${kb * 2}kB = ${kb}kB\n[    1.000005] ${ram + 7} pages RAM\n[    1.000006] 6 pages reserved\n`;
        const event = only(text, 'out-of-memory');
        expect(['MemFree', 'SUnreclaim', 'MemTotal'].map((name) => amount(event, name))).toEqual(
          [free, slab, ram + 1].map((n) => n * kb * 1024),
        );
      }),
      { numRuns: 50 },
    );
  });

  exerciseFormat(dmesg, oom);
});
