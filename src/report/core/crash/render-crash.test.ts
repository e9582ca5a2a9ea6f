import { describe, expect, it } from 'vitest';
import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { renderCrash } from './render-crash.ts';

const A = 'ffff888000001000';
/** A name that would take over a terminal. */
const EVIL = 'a\u001b[2Jb\u202ec\nd';
const TAMED = String.raw`a\x1b[2Jb\u{202e}c\x0ad`;

const task = { pid: 7, tgid: 7, address: A, comm: EVIL, cpu: 1, active: true, state: 'RU', kernelThread: false };
const zone = {
  node: 0,
  zone: 1,
  address: A,
  name: EVIL,
  spanned: 10,
  present: 9,
  watermarks: [1, 2, 3],
  free: 4,
  map: A,
  startFrame: 16,
  startPhysical: 65_536,
  counters: [[EVIL, 5] as const],
};
const layout = {
  type: `struct ${EVIL}`,
  kind: 'struct' as const,
  size: 16,
  members: [
    { name: 'x', declaration: `int ${EVIL}`, offset: 0 },
    {
      name: '',
      declaration: '',
      offset: 8,
      inside: { kind: 'union' as const, members: [{ name: EVIL, declaration: EVIL, offset: 8 }] },
    },
  ],
};
const struct = {
  type: EVIL,
  address: A,
  size: 8,
  members: [{ name: EVIL, type: 'int', offset: 0, value: { kind: 'number' as const, value: 255 } }],
};

const BLOCKS: readonly ShellBlock[] = [
  { kind: 'text', lines: [EVIL] },
  { kind: 'pairs', pairs: [[EVIL, EVIL]] },
  { kind: 'problems', problems: [EVIL] },
  { kind: 'blank' },
  {
    kind: 'caches',
    caches: [{ address: A, name: EVIL, objectSize: 32, allocated: 1, total: 2, slabs: 1, slabBytes: 4096 }],
  },
  { kind: 'slab', slab: { memory: A, total: 1, allocated: 1, objects: [{ address: A, state: 'unknown' }] } },
  { kind: 'pages', pages: [{ page: A, physical: 4096 }] },
  { kind: 'symbols', symbols: [{ name: EVIL, address: A, kind: 'T', module: EVIL }] },
  {
    kind: 'memory',
    rows: [{ address: A, bytes: '1b5b324a1b5b324a', names: [EVIL] }],
    numbers: { size: 8, base: 'hex', text: true },
  },
  { kind: 'memory-text', address: A, text: EVIL },
  { kind: 'hits', hits: [undefined, { address: A, value: EVIL, isText: true }] },
  { kind: 'struct', struct, hex: true },
  { kind: 'members', struct, hex: false },
  { kind: 'layout', layout, offsets: true, isWhole: true },
  { kind: 'enum', name: EVIL, values: [{ name: EVIL, value: '1' }] },
  { kind: 'number', value: A, bits: true },
  { kind: 'address', address: A },
  { kind: 'tasks', tasks: [task] },
  { kind: 'task-name', task },
  { kind: 'task', task },
  {
    kind: 'backtrace',
    backtrace: {
      task,
      how: 'ORC',
      frames: [{ stack: A, address: A, symbol: EVIL, module: EVIL, guess: true, interrupted: EVIL }],
      problem: EVIL,
    },
  },
  {
    kind: 'files',
    files: {
      task,
      root: EVIL,
      directory: EVIL,
      files: [{ descriptor: 3, file: A, dentry: A, inode: A, type: 'REG', path: EVIL }],
      problem: EVIL,
    },
  },
  { kind: 'mounts', mounts: [{ mount: A, superblock: A, type: EVIL, device: EVIL, directory: EVIL }] },
  { kind: 'modules', modules: [{ module: A, name: EVIL, base: A, sizeBytes: 4096, taints: 'O' }] },
  { kind: 'log', lines: [EVIL] },
  {
    kind: 'system',
    system: {
      kernel: EVIL,
      dump: EVIL,
      cpus: 1,
      tasks: 1,
      node: EVIL,
      release: EVIL,
      version: EVIL,
      machine: EVIL,
      memoryBytes: 1,
      panic: EVIL,
    },
  },
  { kind: 'memory-usage', usage: { pageSize: 4096 } },
  { kind: 'areas', areas: [{ start: A, end: A, size: 4096 }] },
  { kind: 'zones', zones: [zone] },
  {
    kind: 'nodes',
    nodes: [{ node: 0, address: A, spanned: 10, zones: [zone], sections: [{ map: A, firstFrame: 0, frames: 9 }] }],
  },
  {
    kind: 'free-areas',
    zone,
    areas: [{ order: 0, blockBytes: 4096, list: A, movability: EVIL, blocks: 1, pages: 1 }],
  },
  { kind: 'counters', counters: [[EVIL, 1]] },
];

const text = (block: ShellBlock): string => [...renderCrash(block)].join('');

describe('a block of the shell', () => {
  it.each(BLOCKS.map((block) => [block.kind, block] as const))(
    'is whole lines without control characters: %s',
    (_, block) => {
      const shown = text(block);
      expect(shown.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
      expect(shown.endsWith('\n')).toBe(true);
    },
  );

  it('shows names that would take over a terminal as what they are', () => {
    expect(text({ kind: 'text', lines: [EVIL] })).toBe(`${TAMED}\n`);
    expect(text({ kind: 'tasks', tasks: [task] })).toContain(`  ${TAMED}\n`);
  });
});

describe('columns that crash users know', () => {
  it('of ps', () => {
    const one = { ...task, comm: 'init', ppid: 0, memoryPercent: 1.3, virtualBytes: 2_314_240, residentBytes: 77_824 };
    expect(text({ kind: 'tasks', tasks: [one, { ...task, comm: 'idle', active: false, kernelThread: true }] })).toBe(
      [
        '      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM',
        `>       7       0   1  ${A}  RU   1.3     2260       76  init`,
        `        7       -   1  ${A}  RU     -        -        -  [idle]`,
        '',
      ].join('\n'),
    );
  });

  it('of kmem -i, a dash for what the dump does not tell', () => {
    const usage = {
      pageSize: 4096,
      total: 2 ** 27,
      free: 2 ** 26,
      slab: 20 * 1024,
      committed: 0,
      commitLimit: 2 ** 26,
    };
    const lines = text({ kind: 'memory-usage', usage }).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '                 PAGES        TOTAL      PERCENTAGE',
      '    TOTAL MEM    32768       128 MB         ----',
      '         FREE    16384        64 MB   50% of TOTAL MEM',
      '         USED    16384        64 MB   50% of TOTAL MEM',
      '       SHARED        -            -    0% of TOTAL MEM',
    ]);
    expect(lines).toContain('         SLAB        5        20 KB    0% of TOTAL MEM');
    expect(lines).toContain('    COMMITTED        0            0    0% of TOTAL LIMIT');
  });

  it('of kmem -p', () => {
    const content = { mapping: '0', index: '0', count: 1, flags: '7ffffc0001000', names: ['reserved'] };
    expect(text({ kind: 'pages', pages: [{ page: A, physical: 4096, content }] }).split('\n')[1]).toBe(
      `${A}     1000                0        0  1 7ffffc0001000 reserved`,
    );
  });

  it('of bt, registers where a program entered the kernel', () => {
    const frame = { stack: A, address: A, symbol: 'schedule', guess: false };
    const registers = [
      ['ip', '0000000000460a63'],
      ['sp', '00007fffa5239628'],
      ['flags', '0000000000000202'],
      ['cs', '0000000000000033'],
    ] as const;
    const frames = [frame, { ...frame, guess: true, words: [{ address: A, values: [A, A] }] }, { ...frame, registers }];
    expect(text({ kind: 'backtrace', backtrace: { task: { ...task, comm: 'init' }, how: 'ORC', frames } })).toBe(
      [
        `PID: 7        TASK: ${A}  CPU: 1    COMMAND: "init"`,
        ` #0 [${A}] schedule at ${A}`,
        ` #1 [${A}] ? schedule at ${A}`,
        `    ${A}: ${A} ${A}`,
        ` #2 [${A}] schedule at ${A}`,
        '    RIP: 0000000000460a63  RSP: 00007fffa5239628  RFLAGS: 00000202',
        '    CS: 0033',
        '(unwound by ORC)',
        '',
      ].join('\n'),
    );
  });

  it('of rd, the characters in line where a row is short', () => {
    const rows = [
      { address: A, bytes: '4c696e75782076657273696f6e20352e' },
      { address: A, bytes: '31302e30' },
    ];
    expect(text({ kind: 'memory', rows, numbers: { size: 4, base: 'hex', text: true } })).toBe(
      [
        `${A}:  756e694c 65762078 6f697372 2e35206e   Linux version 5.`,
        `${A}:  302e3031                              10.0`,
        '',
      ].join('\n'),
    );
    expect(text({ kind: 'memory', rows, numbers: { size: 8, base: 'signed', text: false } }).split('\n')[0]).toBe(
      `${A}:   7311066746820913484  3329603158198023026`,
    );
  });
});
