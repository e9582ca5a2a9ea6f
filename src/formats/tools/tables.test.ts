import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { dockerStats, kubectlTop } from './container-tables.ts';
import { dfTmpfs } from './df-tmpfs.ts';
import { memoryTable } from './memory-table.ts';
import { slabDiff } from './slab-diff.ts';

const nodes = `NAME       CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%
worker-1   149m         15%    2386Mi          90%
worker-2   163m         17%    2575Mi          97%
`;
const containers = `CONTAINER ID   NAME     CPU %     MEM USAGE / LIMIT     MEM %     NET I/O       BLOCK I/O   PIDS
0123456789ab   web      0.05%     12.5MiB / 7.6GiB      0.16%     1kB / 0B      0B / 0B     3
`;
const grown = `ext3_inode_cache: 907752
skbuff_fclone_cache: 1028736
size-512: 1368576
frobnicator: 2105344
scsi_cmd_cache: -4096
`;
const series = `Time | MemAvailable | SUnreclaim
-- | -- | --
00:45 | 80.720 kB | 15.244 kB
01:00 | 79,520 kB | 16296 kB
`;

describe('df-tmpfs', () => {
  it('reads a real capture', () => {
    const { value } = readBlock(dfTmpfs, fixture('tools/df-tmpfs/6.18.txt'));
    expect(value).toMatchObject({
      used: 0,
      mounts: [{ path: '/dev' }, { path: '/dev/shm' }, { path: '/sys/fs/cgroup' }],
    });
  });

  it('sums rows cut out with grep, in the units they carry', () => {
    const { value } = readBlock(
      dfTmpfs,
      'tmpfs   386264K     1424K   384840K   1% /run\ntmpfs  5120K  16K  5104K  1% /run/lock',
    );
    expect(value.used).toBe(1440 * 1024);
  });

  it('counts only what is in memory, and states nothing where there is none', () => {
    const head = 'Filesystem     Type  1M-blocks  Used Available Use% Mounted on\n';
    const disk = '/dev/sda1      ext4      40000 20000     20000  50% /\n';
    expect(
      readBlock(dfTmpfs, `${head}${disk}tmpfs          tmpfs      1000    10       990   1% /tmp\n`).value.used,
    ).toBe(10 * 1024 ** 2);
    expect(readBlock(dfTmpfs, head + disk).value).toEqual({ mounts: [] });
  });

  exerciseFormat(dfTmpfs, fixture('tools/df-tmpfs/6.18.txt'));
});

describe('tables of containers', () => {
  it('reads kubectl top and docker stats', () => {
    expect(readBlock(kubectlTop, nodes).value.rows).toEqual([
      { name: 'worker-1', bytes: 2386 * 1024 ** 2 },
      { name: 'worker-2', bytes: 2575 * 1024 ** 2 },
    ]);
    expect(readBlock(dockerStats, containers).value.rows).toEqual([{ name: 'web', bytes: 12.5 * 1024 ** 2 }]);
  });
  exerciseFormat(kubectlTop, nodes);
  exerciseFormat(dockerStats, containers);
});

describe('slab-diff', () => {
  it('reads growth by cache, unknown names among known ones included', () => {
    expect(readBlock(slabDiff, grown).value.rows.map((r) => [r.name, r.growth])).toEqual([
      ['ext3_inode_cache', 907_752],
      ['skbuff_fclone_cache', 1_028_736],
      ['size-512', 1_368_576],
      ['frobnicator', 2_105_344],
      ['scsi_cmd_cache', -4096],
    ]);
  });

  it('leaves other labelled numbers alone', () => {
    for (const text of ['hits: 12\nmisses: 4\nsize: 8', 'MemTotal: 1\nMemFree: 2\nSlab: 3', 'dentry: 5\nfilp: 6']) {
      expect(slabDiff.claim(cleanLines(text), 0)).toBe(0);
    }
  });

  it('reads back what was written', () => {
    const name = fc.constantFrom('kmalloc-1k', 'size-512', 'dentry', 'ext4_inode_cache', 'filp', 'kmalloc-rnd-07-128');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.integer()), { minLength: 3 }), (rows) => {
        const { value } = readBlock(slabDiff, rows.map(([n, v]) => `${n}: ${v}`).join('\n'));
        expect(value.rows.map((r) => [r.name, r.growth])).toEqual(rows);
      }),
    );
  });

  exerciseFormat(slabDiff, grown);
});

describe('memory-table', () => {
  it('reads a Markdown table with thousands separators', () => {
    const { value, problems } = readBlock(memoryTable, series);
    expect(problems).toEqual([]);
    expect(value.rows.map((r) => [r.label, ...[...r.amounts.values()].map((a) => a.bytes / 1024)])).toEqual([
      ['00:45', 80_720, 15_244],
      ['01:00', 79_520, 16_296],
    ]);
  });

  it('reads CSV with units in the header, quotes and other columns', () => {
    const csv =
      'timestamp,host,MemFree_kB,"Slab (MB)"\n2025-01-01 00:00:00,a,"1,024",1.5\n2025-01-01 01:00:00,a,512,2\n';
    const { value } = readBlock(memoryTable, csv);
    expect(value.rows.map((r) => Object.fromEntries([...r.amounts].map(([k, v]) => [k, v.bytes / 1024])))).toEqual([
      { MemFree: 1024, Slab: 1536 },
      { MemFree: 512, Slab: 2048 },
    ]);
  });

  it('says which row has no value', () => {
    expect(readBlock(memoryTable, `${series}01:15 | n/a | n/a\n`, 'f').problems).toMatchObject([{ at: { line: 5 } }]);
  });

  it('leaves tables of other things alone', () => {
    expect(memoryTable.claim(cleanLines('Time | Requests\n-- | --\n1 | 2'), 0)).toBe(0);
    expect(memoryTable.claim(cleanLines('the slab, as we see, is large\nand so, it, grows'), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1 }), (rows) => {
        const text = `| Time | MemFree | Slab |\n|---|---|---|\n${rows.map(([a, b], i) => `| ${i} | ${a} kB | ${b} kB |`).join('\n')}`;
        expect(
          readBlock(memoryTable, text).value.rows.map((r) => [...r.amounts.values()].map((a) => a.bytes / 1024)),
        ).toEqual(rows);
      }),
    );
  });

  exerciseFormat(memoryTable, series);
});
