import { bytes } from '../../src/base/units.ts';
import type { DumpFacts } from '../../src/model/dump-facts.ts';
import { makeDump, MIB } from '../facts.ts';
import {
  SAMPLES,
  HOSTILE,
  part,
  thing,
  tables,
  socket,
  pages,
  counted,
  ofType,
  names,
  sockets,
  percpu,
  goneTasks,
  cgroups,
  held,
  holding,
  torn,
} from './dump-things.ts';

/** What a dump shows to one rule, by what is special about it. */
export interface DumpCase {
  readonly fires: Readonly<Record<string, DumpFacts>>;
  readonly rests: Readonly<Record<string, DumpFacts>>;
}

/** Rules about crash dumps, by id: what makes each speak, and what must not. */
export const dumpCases: Readonly<Record<string, DumpCase>> = {
  'unreachable-objects': {
    fires: {
      'tables of single_open(), made for a function of a module': makeDump({ lost: [tables(200_000)] }),
      'objects of no known type that name nobody': makeDump({ lost: [thing(5000)], foreignModules: ['foo'] }),
      'the code that they name is gone': makeDump({
        lost: [tables(5000, { owner: { function: 'foo_show', gone: true } })],
      }),
      'a unit of several parts, some of them in rings': makeDump({
        lost: [{ ...socket(4000), sources: 3000 }],
        unbalanced: [counted(4000, { mountExcess: 4000 })],
      }),
      'terminals with their buffers': makeDump({
        lost: [
          thing(900, {
            parts: [part('kmalloc-1k', 900, 1024, { type: 'struct tty_struct' }), part('kmalloc-512', 900, 512)],
          }),
        ],
      }),
      'more than what is missing from the dump could hold': makeDump({ ...torn, lost: [tables(200_000)] }),
      'names that try to speak to a terminal or a shell': makeDump({
        file: HOSTILE,
        foreignModules: [HOSTILE],
        lost: [
          thing(5000, {
            parts: [part(HOSTILE, 5000, 64, { type: HOSTILE })],
            words: [{ offset: 8, symbol: HOSTILE, member: HOSTILE }],
            owner: { module: HOSTILE, function: HOSTILE },
          }),
        ],
      }),
      'a kernel that profiles its allocations': makeDump({
        lost: [
          thing(5000, {
            allocation: {
              detector: 'alloc_tag',
              stack: ['foo_probe [foo]'],
              site: { line: 'drivers/foo/foo.c:77', bytes: bytes(5000 * 32), calls: 5000 },
            },
          }),
        ],
      }),
      'as few as ten': makeDump({ lost: [tables(10)] }),
    },
    rests: {
      'nine of a kind, as every kernel drops at boot': makeDump({ lost: [tables(9)] }),
      'what is missing could hold references to all of them': makeDump({ ...torn, lost: [tables(20_000)] }),
      'long chains of which only the heads would need a reference': makeDump({
        ...torn,
        lost: [thing(200_000, { independent: 100 })],
      }),
      'nothing lost': makeDump(),
    },
  },
  'unreferenced-pages': {
    fires: {
      'blocks of a ring whose module still knows some': makeDump({
        lostMemory: [
          pages(20_000, { reachableAlike: 512, holder: { module: 'foo', symbol: 'foo_ring', blocks: 512 } }),
        ],
      }),
      'blocks of which none is known any more': makeDump({ lostMemory: [pages(20_000)], foreignModules: ['foo'] }),
      'vmalloc areas that a module asked for': makeDump({
        lostMemory: [pages(40, { kind: 'vmalloc', pages: 16, caller: { function: 'foo_probe', module: 'foo' } })],
      }),
      'vmalloc areas': makeDump({ lostMemory: [pages(40, { kind: 'vmalloc', pages: 16 })] }),
      'hostile names': makeDump({
        file: HOSTILE,
        foreignModules: [HOSTILE],
        lostMemory: [
          pages(20_000, { begins: HOSTILE, holder: { module: HOSTILE, symbol: HOSTILE, blocks: 3 } }),
          pages(40, { kind: 'vmalloc', caller: { function: HOSTILE, module: HOSTILE } }),
        ],
      }),
    },
    rests: {
      'a few hundred single pages, which every kernel has': makeDump({ lostMemory: [pages(300, { pages: 1 })] }),
      'blocks that are a trace of this much memory': makeDump({ lostMemory: [pages(64)] }),
      'nine vmalloc areas': makeDump({ lostMemory: [pages(9, { kind: 'vmalloc', pages: 512 })] }),
      'what is missing could hold all their addresses': makeDump({ ...torn, lostMemory: [pages(20_000)] }),
    },
  },
  'unbalanced-references': {
    fires: {
      'dentries of closed sockets, and paths': makeDump({
        unbalanced: [counted(40_000, { mountExcess: 40_000 }), counted(900, { fileSystem: 'tmpfs', mountExcess: 900 })],
        foreignModules: ['foo'],
      }),
      'counts of two with one found, of no file system': makeDump({ unbalanced: [ofType(300)] }),
      'twelve of a type whose counts are known, and of one whose are not': makeDump({
        unbalanced: [
          ofType(12, { type: 'struct cred', cache: 'cred_jar', member: 'usage' }),
          ofType(12, { type: 'struct foo', cache: 'foo_cache', member: 'kref.refcount', isUnproven: true }),
        ],
      }),
      'hostile names': makeDump({ file: HOSTILE, unbalanced: [counted(500, { fileSystem: HOSTILE })] }),
    },
    rests: {
      'nine of a type': makeDump({ unbalanced: [ofType(9)] }),
      'nineteen, which may be on their way between two owners': makeDump({ unbalanced: [counted(19)] }),
      'what is missing could hold the references': makeDump({
        ...torn,
        unbalanced: [counted(9000, { recorded: 3, found: 1 })],
      }),
    },
  },
  'held-growth': {
    fires: {
      'one look at a list of a module that holds much': makeDump({
        holdings: [holding([held('kmalloc-192', 60_000, 192)], { owner: { module: 'foo', function: 'foo_retry' } })],
      }),
      'a tenth of RAM under one object': makeDump({
        holdings: [
          holding([held('kmalloc-1k', 600_000, 1024)], {
            holder: { kind: 'object', cache: 'kmalloc-4k', address: SAMPLES[1] },
          }),
        ],
      }),
      'copies of paths, and the sockets behind them': makeDump({
        holdings: [
          holding(
            [
              held('kmalloc-64', 9000, 64),
              held('sock_inode_cache', 8971, 832, { reclaimable: true, type: 'struct socket_alloc' }),
              held('dentry', 8971, 192, { reclaimable: true, type: 'struct dentry', share: 0.4 }),
            ],
            { paths: { offset: 16, dentries: 8971, fileSystems: ['sockfs'], mount: SAMPLES[2] } },
          ),
        ],
      }),
      'hostile names': makeDump({
        file: HOSTILE,
        holdings: [
          holding([held(HOSTILE, 9000, 64, { type: HOSTILE, aliases: [HOSTILE] })], {
            holder: { kind: 'module', module: HOSTILE, variables: [HOSTILE] },
            owner: { module: HOSTILE, function: HOSTILE },
            way: [HOSTILE],
            paths: { offset: 16, dentries: 8971, fileSystems: [HOSTILE] },
          }),
        ],
      }),
    },
    rests: {
      'one look at what a variable of the kernel holds': makeDump({
        holdings: [holding([held('kmalloc-64', 9000, 64)], { holder: { kind: 'symbol', symbol: 'chrdevs' } })],
      }),
    },
  },
  'unreferenced-percpu': {
    fires: {
      'counters whose owner went without them': makeDump({ lostPercpu: [percpu(4000)], foreignModules: ['foo'] }),
      'as few as ten, with a timer of a module in each': makeDump({
        lostPercpu: [percpu(10, { owner: { function: 'foo_expire', module: 'foo' } })],
      }),
      'hostile names': makeDump({
        file: HOSTILE,
        foreignModules: [HOSTILE],
        lostPercpu: [percpu(900), percpu(900, { owner: { function: HOSTILE, module: HOSTILE } })],
      }),
    },
    rests: {
      'nine of a size': makeDump({ lostPercpu: [percpu(9)] }),
      'what is missing could hold all their pointers': makeDump({ ...torn, lostPercpu: [percpu(9000)] }),
      'none lost': makeDump({ lostPercpu: [] }),
    },
  },
  'dead-tasks': {
    fires: {
      'a module holds tasks that ended': makeDump({ goneTasks: goneTasks(400) }),
      'a variable of the kernel leads to them': makeDump({
        goneTasks: goneTasks(400, { holder: { name: 'struct foo.task', tasks: 390, symbol: 'bar' } }),
      }),
      'a process does not ask how its children ended': makeDump({
        zombies: [{ parent: { pid: 12, comm: 'server' }, zombies: 9000, bytes: bytes(9000 * 8192), samples: SAMPLES }],
      }),
      'hostile names': makeDump({
        file: HOSTILE,
        goneTasks: goneTasks(400, {
          comm: HOSTILE,
          holder: { name: HOSTILE, tasks: 400, symbol: HOSTILE, module: HOSTILE },
        }),
        zombies: [{ parent: { pid: 12, comm: HOSTILE }, zombies: 9000, bytes: bytes(9000 * 8192), samples: SAMPLES }],
      }),
    },
    rests: {
      'nineteen, which RCU may be about to free': makeDump({ goneTasks: goneTasks(19) }),
      'nobody holds them: they are lost, and told of as such': makeDump({
        goneTasks: {
          tasks: 900,
          bytes: bytes(900 * 8192),
          unreachable: 900,
          references: 1,
          comm: 'worker',
          samples: SAMPLES,
        },
      }),
      'a hundred zombies on a large host': makeDump({
        zombies: [{ parent: { pid: 12, comm: 'server' }, zombies: 100, bytes: bytes(100 * 8192), samples: SAMPLES }],
      }),
    },
  },
  'dying-cgroups': {
    fires: {
      'cached files keep them': makeDump({ dyingCgroups: cgroups(2000) }),
      'files in memory keep them': makeDump({
        dyingCgroups: cgroups(500, {
          pins: [{ by: 'shmem of tmpfs', reclaimable: false, cgroups: 500, bytes: bytes(500 * 200 * 1024) }],
        }),
      }),
      'writeback keeps them, with no memory charged': makeDump({
        dyingCgroups: cgroups(5000, {
          charged: bytes(0),
          pins: [{ by: 'struct bdi_writeback.memcg_css', reclaimable: false, cgroups: 5000 }],
        }),
      }),
      'nothing in memory accounts for their references': makeDump({
        dyingCgroups: cgroups(3000, { charged: bytes(0), pins: [], unaccounted: 2990, files: [] }),
      }),
      'hostile names': makeDump({
        file: HOSTILE,
        dyingCgroups: cgroups(2000, {
          paths: [HOSTILE],
          files: [HOSTILE],
          pins: [{ by: HOSTILE, reclaimable: false, cgroups: 2000 }],
        }),
      }),
    },
    rests: {
      'nine on their way out': makeDump({ dyingCgroups: cgroups(9, { charged: bytes(90 * MIB) }) }),
      'a trace of this much memory': makeDump({
        dyingCgroups: cgroups(20, { charged: bytes(0), ownBytes: bytes(20 * 20 * 1024) }),
      }),
      'none dying': makeDump(),
    },
  },
  'negative-names': {
    fires: {
      'a directory with a hundred thousand': makeDump({ directories: [names(100_000)] }),
      'hostile names': makeDump({
        file: HOSTILE,
        directories: [names(100_000, { path: HOSTILE, names: [HOSTILE], fileSystem: HOSTILE })],
      }),
    },
    rests: {
      'names that exist': makeDump({ directories: [names(100_000, { negative: 10 })] }),
      'names that somebody holds': makeDump({ directories: [names(100_000, { unused: 10_000 })] }),
      'a few thousand': makeDump({ directories: [names(4999)] }),
      'a trace of this much memory': makeDump({ directories: [names(8000)] }),
    },
  },
  'process-sockets': {
    fires: {
      'a process with forty thousand': makeDump({ sockets: [sockets(40_000)] }),
      'a process with a hostile name': makeDump({
        file: HOSTILE,
        sockets: [sockets(40_000, { owner: { pid: 1, comm: HOSTILE } })],
      }),
    },
    rests: {
      'sockets that no process has open': makeDump({
        sockets: [
          { protocol: 'TCP', state: 'ESTABLISHED', sockets: 40_000, bytes: bytes(40_000 * 832), samples: SAMPLES },
        ],
      }),
      'a process with fewer than two thousand': makeDump({ sockets: [sockets(1999)] }),
    },
  },
  'nothing-lost': {
    fires: {
      'everything can be reached': makeDump(),
      'the handful that every kernel drops at boot': makeDump({
        lost: [thing(4)],
        lostMemory: [pages(90, { pages: 1 })],
      }),
      'some memory is not in the dump': makeDump(torn),
    },
    rests: {
      'per-CPU memory is lost': makeDump({ lostPercpu: [percpu(400)] }),
      'many objects are lost': makeDump({ lost: [tables(5000)] }),
      'pages are lost': makeDump({ lostMemory: [pages(20_000)] }),
      'a count is too high': makeDump({ unbalanced: [counted(30)] }),
      'no object was found at all': makeDump({ scanned: { bytes: 0, words: 0, objects: 0, seconds: 0 } }),
    },
  },
};
