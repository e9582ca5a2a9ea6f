import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { splitBlocks } from '../text/split.ts';
import { toolFormats } from './catalog.ts';
import { crashKmemI } from './crash-kmem-i.ts';
import { crashKmemS, drgnSlabs } from './crash-kmem-s.ts';
import { crashKmemSlabs } from './crash-kmem-slabs.ts';
import { crashOther } from './crash-other.ts';
import { crashRd } from './crash-rd.ts';
import { crashStruct } from './crash-struct.ts';
import { crashSym } from './crash-sym.ts';

const kmemI = `crash> kmem -i
                 PAGES        TOTAL      PERCENTAGE
    TOTAL MEM   262144        16 GB         ----
         FREE    16384         1 GB    6% of TOTAL MEM
         USED   245760        15 GB   93% of TOTAL MEM
       SHARED      100       6.2 MB    0% of TOTAL MEM
      BUFFERS       36       2.2 MB    0% of TOTAL MEM
       CACHED     2048       128 MB    0% of TOTAL MEM
         SLAB    32768         2 GB   12% of TOTAL MEM

   TOTAL HUGE    65536         4 GB         ----
    HUGE FREE    65536         4 GB  100% of TOTAL HUGE

   TOTAL SWAP        0            0         ----
`;
const kmemS = `crash> kmem -s
CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff893b3dcee200      392          0         0      0    16k  nfs_direct_cache
...
kmem: NOTE: kmalloc-512: slab: fffff114bf91d800 oo objects: 64 slab objects: 0
kmem: kmalloc-512: cannot gather relevant slab data
ffff890c47c0ec00      512          ?         ?      ?    32k  kmalloc-512
ffff890c47c0ee00      256       6304     64256   1004    16k  kmalloc-256(21:docker)
`;
const old = `CACHE            NAME                 OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE
ffff880138431300 sock_inode_cache         640     100421    100524  16754     4k
`;
const slabs = `crash> kmem -S kmalloc-128
CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff80007b000000      128          3         6      2     4k  kmalloc-128
SLAB              MEMORY            TOTAL  ALLOCATED  FREE
ffff7e0000e96c00  ffff80003a5b0000      4          2     2
FREE / [ALLOCATED]
  [ffff80003a5b0000]
   ffff80003a5b0080  (cpu 1 cache)
  [ffff80003a5b0100]
   ffff80003a5b0180
SLAB              MEMORY            TOTAL  ALLOCATED  FREE
ffff7e0000eb1700  ffff80003ac5c000      2          1     1
FREE / [ALLOCATED]
  [ffff80003ac5c000]
   ffff80003ac5c080

`;
const slub = `CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
ffff88003fc01a00       32        300       384      3     4k  kmalloc-32
CPU 0 KMEM_CACHE_CPU:
  ffff88003fc1a9c0
CPU 0 SLAB:
  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE
  ffffea0000f8d880  ffff88003e362000     0    128        127     1
  FREE / [ALLOCATED]
  [ffff88003e362000]
   ffff88003e362020  (cpu 0 cache)
KMEM_CACHE_NODE   NODE  SLABS  PARTIAL  PER-CPU
ffff88003fc00e40     0      3        0        1
NODE 0 PARTIAL:
  (empty)
NODE 0 FULL:
  (not tracked)
`;
const rd = `crash> rd ffff80003a5b0000 5
ffff80003a5b0000:  ffff00000824edd8 ffff00000824ee00   ..$.......$.....
ffff80003a5b0010:  ffff00000824ede8 ffff000001415218   ..$......RA.....
ffff80003a5b0020:  0000000000000040                    @.......
`;
const sym = `crash> sym ffff00000824edd8
ffff00000824edd8 (t) single_start fs/seq_file.c: 541
crash> sym ffff000001415218
ffff000001415218 (t) show_it [testmod]
`;
const struct = `crash> struct file ffff80003a5b0000
struct file {
  f_u = {
    fu_llist = {
      next = 0x0
    },
    fu_rcuhead = {
      func = 0xffff00000824ede8 <file_free_rcu+16>
    }
  },
  f_path = {
    mnt = 0xffff000001415218,
    dentry = 0xffff000001415300
  }, 
  f_op = 0xffff00000824edd8 <ext4_file_operations>,
  f_name = "a, {b}"
}
`;

describe('crash-kmem-i', () => {
  it('counts in pages, of the size that the columns tell', () => {
    const { value, problems } = readBlock(crashKmemI, kmemI);
    expect(problems).toEqual([]);
    expect(value.pageSize).toBe(65_536);
    expect(Object.fromEntries([...value.amounts].map(([k, v]) => [k, v.bytes / 65_536]))).toEqual({
      MemTotal: 262_144,
      MemFree: 16_384,
      Used: 245_760,
      Buffers: 36,
      Cached: 2048,
      Slab: 32_768,
      Hugetlb: 65_536,
      HugetlbFree: 65_536,
      SwapTotal: 0,
    });
  });

  it('reads the table without prompt and header, torn at the end', () => {
    const { value } = readBlock(crashKmemI, kmemI.split('\n').slice(2, 5).join('\n').concat('\n    SLAB  3276'));
    expect([...value.amounts.keys()]).toEqual(['MemTotal', 'MemFree', 'Used']);
  });

  it('does not take pages mapped twice for shared memory', () => {
    expect(readBlock(crashKmemI, kmemI).value.amounts.has('Shmem')).toBe(false);
  });

  it('reads back what was written, for every page size', () => {
    fc.assert(
      fc.property(fc.constantFrom(4096, 16_384, 65_536), fc.integer({ min: 100_000, max: 1e8 }), (size, n) => {
        const text = `    TOTAL MEM  ${n}  ${((n * size) / 1024 ** 3).toFixed(1)} GB         ----\n`;
        expect(readBlock(crashKmemI, text).value).toMatchObject({ pageSize: size });
        expect(readBlock(crashKmemI, text).value.amounts.get('MemTotal')?.bytes).toBe(n * size);
      }),
    );
  });

  exerciseFormat(crashKmemI, kmemI);
});

describe('crash-kmem-s', () => {
  it('reads rows, and lists what crash could not count', () => {
    const { value, problems } = readBlock(crashKmemS, kmemS, 'f');
    expect(value.rows).toMatchObject([
      { name: 'nfs_direct_cache', slabs: 0, bytes: 0 },
      { name: 'kmalloc-512', objectSize: 512 },
      { name: 'kmalloc-256(21:docker)', objects: 6304, slots: 64_256, bytes: 1004 * 16_384 },
    ]);
    expect(value.rows[1]?.bytes).toBeUndefined();
    expect(problems.map((p) => p.problem)).toContain('kmem -s: kmalloc-512 could not be counted');
    expect(problems).toHaveLength(3);
  });

  it('reads the old order of columns, and rows without a header', () => {
    const expected = [
      {
        name: 'sock_inode_cache',
        objectSize: 640,
        objects: 100_421,
        slots: 100_524,
        slabs: 16_754,
        bytes: 16_754 * 4096,
      },
    ];
    expect(readBlock(crashKmemS, old).value.rows).toMatchObject(expected);
    expect(readBlock(crashKmemS, old.split('\n')[1] ?? '').value.rows).toMatchObject(expected);
  });

  it('is whole only where all caches were asked for and none was cut', () => {
    const row = (i: number): string =>
      `ffff893b3dc${String(i).padStart(5, '0')}      392          0         0      0    16k  cache_${i}`;
    const head = 'CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME';
    const all = Array.from({ length: 80 }, (_, i) => row(i)).join('\n');
    expect(readBlock(crashKmemS, `crash> kmem -s\n${head}\n${all}`).value.whole).toBe(true);
    expect(readBlock(crashKmemS, `crash> kmem -s\n${head}\n${all}\n...`).value.whole).toBe(false);
    expect(readBlock(crashKmemS, `crash> kmem -s dentry\n${head}\n${all}`).value.whole).toBe(false);
    expect(readBlock(drgnSlabs, `====== MODULE slabinfo ======\n${head}\n${all}`).value.whole).toBe(true);
  });

  it('reads back what was written', () => {
    const row = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/),
      size: fc.nat(9000),
      used: fc.nat(),
      all: fc.nat(),
      slabs: fc.nat(),
      kib: fc.constantFrom(4, 8, 16, 32),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.boolean(), (rows, newer) => {
        const text = rows
          .map((r) => {
            const n = `${r.size} ${r.used} ${r.all} ${r.slabs} ${r.kib}k`;
            return `ffff893b3dcee200  ${newer ? `${n}  ${r.name}` : `${r.name}  ${n}`}`;
          })
          .join('\n');
        const read = readBlock(crashKmemS, text).value.rows;
        expect(read.map((r) => [r.name, r.objects, r.bytes])).toEqual(
          rows.map((r) => [r.name, r.used, r.slabs * r.kib * 1024]),
        );
      }),
    );
  });

  exerciseFormat(crashKmemS, kmemS);
  exerciseFormat(drgnSlabs, `====== MODULE slabinfo ======\n${kmemS.split('\n').slice(1).join('\n')}`);
});

describe('crash-kmem-slabs', () => {
  it('lists objects in use and counts free ones', () => {
    const { value } = readBlock(crashKmemSlabs, slabs);
    expect(value).toMatchObject({ allocated: 3, free: 3, rows: [{ name: 'kmalloc-128', objects: 3 }] });
    expect(value.objects.map((o) => `${o.cache} ${o.address}`)).toEqual(
      ['ffff80003a5b0000', 'ffff80003a5b0100', 'ffff80003ac5c000'].map((a) => `kmalloc-128 ${a}`),
    );
  });

  it("takes no address of SLUB's per-CPU part for an object", () => {
    const { value } = readBlock(crashKmemSlabs, slub);
    expect(value).toMatchObject({ allocated: 1, free: 1 });
    expect(crashKmemSlabs.claim(cleanLines(slub), 0)).toBe(slub.trim().split('\n').length);
  });

  it('keeps 10,000 objects and counts all', () => {
    const many = Array.from(
      { length: 10_050 },
      (_, i) => `  [${(0xffff80003a5b0000n + BigInt(i) * 128n).toString(16)}]`,
    ).join('\n');
    const { value } = readBlock(crashKmemSlabs, `crash> kmem -S kmalloc-128\nFREE / [ALLOCATED]\n${many}`);
    expect([value.allocated, value.objects.length]).toEqual([10_050, 10_000]);
  });

  exerciseFormat(crashKmemSlabs, slabs);
});

describe('crash-rd', () => {
  it('reads words with their addresses, not the characters behind them', () => {
    const { value } = readBlock(crashRd, rd);
    expect(value.words.map((w) => `${w.address} ${w.value}`)).toEqual([
      'ffff80003a5b0000 ffff00000824edd8',
      'ffff80003a5b0008 ffff00000824ee00',
      'ffff80003a5b0010 ffff00000824ede8',
      'ffff80003a5b0018 ffff000001415218',
      'ffff80003a5b0020 0000000000000040',
    ]);
  });

  it("reads symbols, cache names, gdb's spelling and 32-bit words", () => {
    const symbolic =
      'crash> rd -S ffff80003a5b0000 4\nffff80003a5b0000:  single_start     [kmalloc-128]   \nffff80003a5b0010:  single_next+8    0000000000000040\n';
    expect(readBlock(crashRd, symbolic).value.words.map((w) => w.value)).toEqual([
      'single_start',
      '[kmalloc-128]',
      'single_next+8',
      '0000000000000040',
    ]);
    expect(
      readBlock(crashRd, '0xffff80003a5b0000 <jiffies>:\t0x00000000fffedb08\t0x0000000000000001').value.words,
    ).toHaveLength(2);
    expect(
      readBlock(crashRd, 'c0a00000:  00000001 00000002 00000003 00000004   ................').value.words.map((w) =>
        w.address.slice(-2),
      ),
    ).toEqual(['00', '04', '08', '0c']);
  });

  it('leaves search to others, and lines that are no memory', () => {
    expect(crashRd.claim(cleanLines('crash> search ffff7fee5b008000\nffff000061fa9ef0: ffff7fee5b008000'), 0)).toBe(0);
    for (const line of ['deadbeef: is a word', '00:00.0 Host bridge: Intel', 'Object ffff88003e362000: 6b 6b 6b 6b']) {
      expect(crashRd.claim(cleanLines(line), 0)).toBe(0);
    }
  });

  it('reads back what was written', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0'));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (rows) => {
        const text = rows
          .map(([a, b], i) => `${(0xffff80003a5b0000n + BigInt(i) * 16n).toString(16)}:  ${a} ${b}   ................`)
          .join('\n');
        expect(readBlock(crashRd, text).value.words.map((w) => w.value)).toEqual(rows.flat());
      }),
    );
  });

  exerciseFormat(crashRd, rd);
});

describe('crash-sym', () => {
  it('reads symbols with source or module', () => {
    expect(readBlock(crashSym, sym).value.symbols).toMatchObject([
      { address: 'ffff00000824edd8', symbol: 'single_start', source: 'fs/seq_file.c: 541' },
    ]);
    const list =
      'ffff000001415218 (t) show_it [testmod]\nffff000001415230 (T) other+24 [testmod] /a/b.c: 7\nc0a00000 (D) jiffies\n';
    expect(readBlock(crashSym, list).value.symbols).toMatchObject([
      { module: 'testmod' },
      { symbol: 'other', offset: 24, source: '/a/b.c: 7' },
      { address: '00000000c0a00000' },
    ]);
  });

  it('reads back what was written', () => {
    const row = fc.tuple(fc.stringMatching(/^[0-9a-f]{16}$/), fc.stringMatching(/^[a-z_][a-z0-9_.]{0,20}$/));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const { value } = readBlock(crashSym, rows.map(([a, s]) => `${a} (T) ${s}`).join('\n'));
        expect(value.symbols.map((s) => [s.address, s.symbol])).toEqual(rows);
      }),
    );
  });

  exerciseFormat(crashSym, sym);
});

describe('crash-struct', () => {
  it('flattens members with dots and reads symbols', () => {
    const { value } = readBlock(crashStruct, struct);
    expect(value.structs).toMatchObject([{ type: 'struct file', address: 'ffff80003a5b0000' }]);
    expect(value.structs[0]?.members).toEqual([
      { name: 'f_u.fu_llist.next', value: '0x0' },
      { name: 'f_u.fu_rcuhead.func', value: '0xffff00000824ede8 <file_free_rcu+16>', symbol: 'file_free_rcu' },
      { name: 'f_path.mnt', value: '0xffff000001415218' },
      { name: 'f_path.dentry', value: '0xffff000001415300' },
      { name: 'f_op', value: '0xffff00000824edd8 <ext4_file_operations>', symbol: 'ext4_file_operations' },
      { name: 'f_name', value: '"a, {b}"' },
    ]);
  });

  it('reads a type used as a command, a member, a variable, and no prompt at all', () => {
    const body = 'struct seq_operations {\n  start = 0xffff00000824edd8 <single_start>,\n  show = 0x0\n}\n';
    expect(readBlock(crashStruct, `crash> seq_operations ffff80003a5b0000 \n${body}`).value.structs).toMatchObject([
      { address: 'ffff80003a5b0000' },
    ]);
    expect(readBlock(crashStruct, body).value.structs[0]).not.toHaveProperty('address');
    expect(
      readBlock(crashStruct, 'crash> struct file.f_count ffff80003a5b0000\n  f_count = 1\n').value.structs,
    ).toMatchObject([{ type: 'struct file', members: [{ name: 'f_count', value: '1' }] }]);
    expect(
      readBlock(crashStruct, 'crash> p init_task\ninit_task = $1 = {\n  state = 0\n}\n').value.structs,
    ).toMatchObject([{ type: 'init_task' }]);
  });

  it('leaves C source and declarations alone', () => {
    expect(crashStruct.claim(cleanLines('struct file {\n  int f_count;\n};'), 0)).toBe(0);
    expect(crashStruct.claim(cleanLines('static struct file_operations fops = {\n  .open = my_open,\n};'), 0)).toBe(0);
  });

  it('ends with the cut where the text was cut', () => {
    const { value } = readBlock(crashStruct, struct.slice(0, 120));
    expect(value.structs[0]?.members).toMatchObject([{ name: 'f_u.fu_llist.next' }]);
  });

  exerciseFormat(crashStruct, struct);
});

describe('a session of crash', () => {
  it('is told apart command by command', () => {
    const session = `${kmemI}${kmemS}${slabs}${rd}${sym}${struct}crash> bt 1\nPID: 1  TASK: ffff\n #0 [ffff] schedule\ncrash> \ncrash> quit\nMemTotal: 1 kB\n`;
    const { sightings } = splitBlocks(toolFormats, cleanLines(session), 'f');
    expect(sightings.map((s) => s.kind)).toEqual([
      'crash-kmem-i',
      'crash-kmem-s',
      'crash-kmem-slabs',
      'crash-rd',
      'crash-sym',
      'crash-sym',
      'crash-struct',
      'crash-other',
      'crash-other',
      'crash-other',
    ]);
    expect(sightings.flatMap((s) => (s.kind === 'crash-other' ? [s.value.command] : []))).toEqual(['bt 1', '', 'quit']);
  });

  exerciseFormat(crashOther, 'crash> bt 1\nPID: 1  TASK: ffff\n #0 [ffff] schedule\ncrash> quit\n');
});
