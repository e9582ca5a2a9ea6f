import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { possibleCpus } from '../../../model/kernel/cpus.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { showAddress } from './kmem-address.ts';
import { showCounters } from './kmem-counters.ts';
import { hugePages, memoryUsage } from './kmem-usage.ts';
import { showCaches, showSlabs } from './kmem-slabs.ts';
import { showAreas } from './kmem-areas.ts';
import { showFreeAreas, showNodes, showZones } from './kmem-zones.ts';
import { pageFlags, PageRows } from './page-rows.ts';
import { parseOptions } from './options.ts';
import type { Shell } from './shell.ts';
import type { ShellWord } from './word.ts';

type Show = (shell: Shell, args: readonly string[]) => Iterable<ShellBlock>;

const SHOWN: Readonly<Record<string, Show>> = {
  i: ({ session }) => [{ kind: 'memory-usage', usage: memoryUsage(session) }],
  s: (shell, args) => bySlab(shell, args, showCaches),
  S: (shell, args) => bySlab(shell, args, showSlabs),
  p: (shell, args) => (args.length > 0 ? onlyPages(shell, args) : [allPages(shell)]),
  v: ({ session }, args) => showAreas(session, args),
  f: ({ session }) => showFreeAreas(session),
  z: ({ session }) => showZones(session),
  n: ({ session }) => showNodes(session),
  V: ({ session }) => showCounters(session),
  o: ({ session }) => [
    { kind: 'text', lines: ['PER-CPU OFFSET VALUES:'] },
    { kind: 'pairs', pairs: possibleCpus(session.kernel).map((cpu) => [`  CPU ${cpu.number}:`, spell(cpu.offset)]) },
  ],
  h: ({ session }) => hugePages(session),
  g: ({ session }) => [
    {
      kind: 'pairs',
      pairs: pageFlags(session).map(({ name, bit }) => [`PG_${name}`, `${bit}  ${(1n << BigInt(bit)).toString(16)}`]),
    },
  ],
};

const TAKES_ARGUMENTS = ['s', 'S', 'p', 'v'];

export const kmem: ShellWord = {
  name: 'kmem',
  usage: [
    'kmem -i|-f|-v|-z|-n|-V|-o|-h|-g',
    'kmem -s|-S [CACHE|ADDRESS …]',
    'kmem -p [ADDRESS …]',
    'kmem [-P] ADDRESS …',
  ],
  summary: 'memory: what it is used for, slab caches, pages, what an address is',
  help: [
    '-i  what memory is used for, in pages and bytes',
    '-s  slab caches; with the address of an object its cache, slab and state',
    '-S  slab caches, their slabs and every object in them: [ffff…] is allocated, ffff… free, ?ffff… not to be told',
    '-p  every page: struct page, physical address, mapping, index, references, flags',
    '-v  areas of vmalloc space',
    '-f  free blocks of each zone by order and movability, with the heads of their lists',
    '-z  zones with their counters',
    '-n  nodes, zones and the stretches of the memory map',
    '-V  the counters and events of /proc/vmstat, by the names that the kernel gives them',
    '-o  where the per-CPU memory of each CPU lies',
    '-h  pools of huge pages',
    '-g  the flags of a page, their bits and values',
    'ADDRESS alone: everything that is known of it: symbol, slab object, task, vmalloc area, page. It may be one of a struct',
    'page; one that is no kernel address, or with -P, is a physical one. CACHE may also be another name of a merged cache.',
    'Unlike in crash, full slabs are listed, and SLAB of -i counts all pages of slabs.',
  ],
  completes: ['cache', 'symbol'],
  *run(shell, args) {
    const options = parseOptions('kmem', args, { flags: [...Object.keys(SHOWN), 'P'] });
    const which = Object.keys(SHOWN).filter((flag) => options.has(flag));
    if (which.length > 1) throw new InputError('kmem', `-${which.join(' and -')} together`, 'give one of them');
    const show = SHOWN[which[0] ?? ''];
    if (show && options.args.length > 0 && !TAKES_ARGUMENTS.includes(which[0] ?? ''))
      throw new InputError('kmem', `-${which[0]} takes no argument`, 'see help kmem');
    if (show) return yield* show(shell, options.args);
    if (options.args.length === 0) throw new InputError('kmem', 'nothing was asked', 'see help kmem');
    for (const [i, arg] of options.args.entries()) {
      if (i > 0) yield { kind: 'blank' };
      yield* showAddress(shell, arg, options.has('P'));
    }
  },
};

/** What begins with a digit and is no cache is an address. */
function* bySlab(
  shell: Shell,
  args: readonly string[],
  show: (session: Shell['session'], names: readonly string[]) => Iterable<ShellBlock>,
): Generator<ShellBlock> {
  const { session } = shell;
  const isCache = (text: string): boolean =>
    !/^(?:0x)?[0-9a-f]{6,16}$/i.test(text) ||
    session.heap.caches.some(({ name, address }) => name === text || spell(address) === text);
  const names = args.filter(isCache);
  if (names.length > 0 || args.length === 0) yield* show(session, names);
  for (const arg of args) if (!isCache(arg)) yield* showAddress(shell, arg, false, ['slab']);
}

function allPages({ session }: Shell): ShellBlock {
  return { kind: 'pages', pages: new PageRows(session).all() };
}

function* onlyPages(shell: Shell, args: readonly string[]): Generator<ShellBlock> {
  for (const arg of args) yield* showAddress(shell, arg, false, ['page']);
}
