import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { shortName } from './process-rows.ts';
import { psRssSum } from './ps-rss-sum.ts';
import { ps } from './ps.ts';
import { smemProcesses } from './smem-processes.ts';
import { smem } from './smem.ts';
import { top } from './top.ts';

const aux = `USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root         1  0.0  0.1 169404 13012 ?        Ss   Nov20   0:09 /sbin/init splash
root         2  0.0  0.0      0     0 ?        S    Nov20   0:00 [kthreadd]
postgres   812  1.2 10.0 990000 655360 ?       Ssl  Nov20  12:00 postgres: writer process
`;
const screen = `top - 11:28:15 up 3 days,  4:05,  1 user,  load average: 0.28, 0.40, 0.27
Tasks:  79 total,   1 running,  78 sleeping,   0 stopped,   0 zombie
%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st
KiB Mem : 16393164 total,   185156 free,  7474740 used,  8733268 buff/cache
KiB Swap:  4194300 total,  4126716 free,    67584 used.  8638440 avail Mem

  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
  812 root      20   0 9900.0m   1.5g   6464 S   0.0  10.1   0:05.62 java
    1 root      20   0   49564  18572   6464 S   0.0   0.1   0:05.62 systemd
`;
const areas = `Area                           Used      Cache   Noncache
firmware/hardware                 0          0          0
kernel image                      0          0          0
kernel dynamic memory       2000000    1500000     500000
userspace memory             400000     100000     300000
free memory                 1600000    1600000          0
----------------------------------------------------------
                            4000000    3200000     800000
`;
const shares = `  PID User     Command                         Swap      USS      PSS      RSS
  812 root     /usr/bin/python3 /usr/bin/x        0     6000     7000    12000
    1 root     /sbin/init                         0     3000     4000    13000
-------------------------------------------------------------------------------
    2 1                                           0     9000    11000    25000
`;

describe('ps', () => {
  it('reads a real BusyBox capture, which has no sizes', () => {
    const { value, problems } = readBlock(ps, fixture('tools/ps/6.1-busybox.txt'));
    expect(problems).toEqual([]);
    expect(value.processes[0]).toEqual({ pid: 1, name: 'init', at: { kind: 'line', file: 'input', line: 2 } });
    expect(value.processes.every((p) => p.rss === undefined)).toBe(true);
  });

  it('reads ps aux', () => {
    const { value } = readBlock(ps, aux);
    expect(value.processes).toMatchObject([
      { pid: 1, name: 'init', rss: 13_012 * 1024 },
      { name: '[kthreadd]', rss: 0 },
      { name: 'postgres', rss: 655_360 * 1024 },
    ]);
  });

  it('reads columns in any order, and BusyBox suffixes', () => {
    expect(readBlock(ps, '  RSS   PID COMMAND\n 1024    77 sshd\n').value.processes).toMatchObject([
      { pid: 77, rss: 1024 ** 2 },
    ]);
    expect(
      readBlock(ps, 'PID   USER     VSZ  RSS  COMMAND\n  9 root  20m  12m  httpd -f\n').value.processes,
    ).toMatchObject([{ rss: 12 * 1024 ** 2, name: 'httpd' }]);
  });

  it('leaves the task dump of an out-of-memory report and the head of top alone', () => {
    expect(ps.claim(cleanLines('[  pid  ]   uid  tgid total_vm      rss name\n[ 1 ] 0 1 2 3 init'), 0)).toBe(0);
    expect(
      ps.claim(
        cleanLines(
          `UID        PID  PPID  C STIME TTY          TIME CMD\nroot   1  0  0 08:40 ?  00:00:07 init\n${screen}`,
        ),
        0,
      ),
    ).toBe(2);
  });

  it('says where a row is torn', () => {
    const torn = aux.replace('Ss   Nov20   0:09 /sbin/init splash', '');
    expect(readBlock(ps, torn, 'f').problems).toMatchObject([{ at: { line: 2 } }]);
    expect(readBlock(ps, aux.replace('root         2  0.0', 'ro 2'), 'f').problems).toMatchObject([
      { at: { line: 3 } },
    ]);
  });

  it('reads back what was written', () => {
    const row = fc.record({
      pid: fc.nat(9_999_999),
      rss: fc.nat(),
      name: fc.stringMatching(/^[a-z][a-z0-9_-]{0,14}$/),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = `PID RSS COMM\n${rows.map((r) => `${r.pid} ${r.rss} ${r.name}`).join('\n')}`;
        expect(
          readBlock(ps, text).value.processes.map((p) => ({ pid: p.pid, rss: (p.rss ?? 0) / 1024, name: p.name })),
        ).toEqual(rows);
      }),
    );
  });

  it('shortens commands', () => {
    expect(
      ['/usr/sbin/sshd -D', 'sshd: root@pts/0', '{init} /bin/sh', '[kworker/0:1H-kb]', '-bash'].map(shortName),
    ).toEqual(['sshd', 'sshd', 'init', '[kworker/0:1H-kb]', '-bash']);
  });

  exerciseFormat(ps, aux);
});

describe('top', () => {
  it('reads memory and processes', () => {
    const { value } = readBlock(top, screen);
    expect(Object.fromEntries([...value.amounts].map(([k, v]) => [k, v.bytes / 1024]))).toEqual({
      MemTotal: 16_393_164,
      MemFree: 185_156,
      Used: 7_474_740,
      BuffCache: 8_733_268,
      SwapTotal: 4_194_300,
      SwapFree: 4_126_716,
      MemAvailable: 8_638_440,
    });
    expect(value.processes).toMatchObject([{ pid: 812, name: 'java', rss: 1.5 * 1024 ** 3 }, { rss: 18_572 * 1024 }]);
    expect(value.uptimeSeconds).toBe(3 * 86_400 + 4 * 3600 + 5 * 60);
  });

  it('reads MiB, the old layout and BusyBox', () => {
    expect(
      readBlock(top, 'MiB Mem :  24105.6 total,  23891.8 free,    287.5 used,    110.8 buff/cache').value.amounts.get(
        'MemTotal',
      )?.bytes,
    ).toBe(Math.round(24_105.6 * 1024 ** 2));
    const old =
      'Mem:  16393164k total,  7474740k used,   185156k free,   123k buffers\nSwap:  4194300k total,  0k used,  4194300k free,  456k cached';
    expect(readBlock(top, old).value.amounts.get('Cached')?.bytes).toBe(456 * 1024);
    const busybox = 'Mem: 34567K used, 12345K free, 10K shrd, 123K buff, 4567K cached';
    expect(readBlock(top, busybox).value.amounts.get('MemTotal')?.bytes).toBe((34_567 + 12_345) * 1024);
  });

  it('takes one screen at a time', () => {
    const lines = cleanLines(`${screen}\n${screen}`);
    expect(top.claim(lines, 0)).toBe(9);
    expect(top.claim(lines, 10)).toBe(9);
  });

  it('completes numbers that were cut to their column, where the line adds up with them', () => {
    const { amounts } = readBlock(
      top,
      'KiB Mem : 52801234+total, 40100000+free, 90012340 used, 36999999+buff/cache\nKiB Swap: 8388604 total, 6984984 free, 1403620 used. 39912345+avail Mem',
    ).value;
    expect(amounts.has('MemTotal')).toBe(false);
    const good = readBlock(top, 'KiB Mem : 52801234+total, 40100000+free, 90012340 used, 37000000 buff/cache').value
      .amounts;
    expect(good.get('MemTotal')?.bytes).toBe(528_012_340 * 1024);
    expect(good.get('MemFree')?.bytes).toBe(401_000_000 * 1024);
  });

  exerciseFormat(top, screen);
});

describe('smem', () => {
  it('reads areas by what smem computes them from', () => {
    const { value } = readBlock(smem, areas);
    expect(Object.fromEntries([...value.amounts].map(([k, v]) => [k, v.bytes / 1024]))).toEqual({
      KernelCache: 1_500_000,
      KernelNoncache: 500_000,
      Mapped: 100_000,
      AnonPages: 300_000,
      MemFree: 1_600_000,
      MemTotal: 4_000_000,
    });
  });

  it('states no total where an area was cut off', () => {
    expect(readBlock(smem, areas.split('\n').slice(0, 4).join('\n')).value.amounts.has('MemTotal')).toBe(false);
  });

  it('reads processes with their shares and the total', () => {
    const { value } = readBlock(smemProcesses, shares);
    expect(value.processes).toMatchObject([
      { pid: 812, name: 'python3', pss: 7000 * 1024, rss: 12_000 * 1024 },
      { pid: 1, name: 'init' },
    ]);
    expect(value.total).toMatchObject({ pss: 11_000 * 1024, rss: 25_000 * 1024 });
  });

  exerciseFormat(smem, areas);
  exerciseFormat(smemProcesses, shares);
});

describe('ps-rss-sum', () => {
  it.each([
    [`# ps aux | tr -s ' ' | awk 'BEGIN{sum=0}{ sum+=$6 }END{print sum}'\n 709340\n`, { rss: 709_340 * 1024 }],
    [`ps -eo rss | awk '{s+=$1} END {print s/1024 " MB"}'\n\n692.7 MB`, { rss: Math.round(692.7 * 1024 ** 2) }],
    [`$ ps -e -o rss= | awk '{s+=$1} END {print s/1024}'\n692`, { rss: 692 * 1024 ** 2 }],
    [`$ cat /proc/*/smaps_rollup | awk '/^Pss:/ {s+=$2} END {print s}'\n1.721e+06`, { pss: 1_721_000 * 1024 }],
  ])('reads %j', (text, expected) => {
    const { value } = readBlock(psRssSum, text);
    expect({ ...(value.rss ? { rss: value.rss.bytes } : {}), ...(value.pss ? { pss: value.pss.bytes } : {}) }).toEqual(
      expected,
    );
  });

  it('leaves other pipelines alone', () => {
    for (const line of [`$ awk '{s+=$6} END {print s}' file`, `$ ps aux | awk '{print $2}'`, `$ ps aux | wc -l`]) {
      expect(psRssSum.claim(cleanLines(`${line}\n12`), 0)).toBe(0);
    }
  });

  exerciseFormat(psRssSum, `# ps aux | awk '{ sum+=$6 }END{print sum}'\n 709340\n`);
});
