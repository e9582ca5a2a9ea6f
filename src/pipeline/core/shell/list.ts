import type { KernelMemory } from '../../../model/memory/kernel-memory.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { evaluate } from './expression.ts';
import { parseOptions } from './options.ts';
import { offsetOf, structShower } from './struct.ts';
import type { ShellWord } from './word.ts';

/** Longer ones go round in a circle that is too large to notice. */
const MOST_ENTRIES = 10_000_000;

/** `module.list` may stand without -o before it. */
const IS_MEMBER = /^\w+\.[\w.[\]]+$/;

export const list: ShellWord = {
  name: 'list',
  usage: ['list [-o OFFSET] [-s STRUCT[.MEMBER,…]] [-l OFFSET] [-e END] [-rxd] [-h|-H] ADDRESS'],
  summary: 'the entries of a linked list',
  help: [
    'ADDRESS    the first entry; its pointer to the next one lies OFFSET bytes in it (0 where nothing is said)',
    '-H         ADDRESS is the head of a list_head list; it is no entry itself',
    '-h         ADDRESS is an entry whose list_head lies at OFFSET; entries are shown, not their list_heads',
    '-o OFFSET  a number, or STRUCT.MEMBER: module.list',
    '-s WHAT    shows members of each entry, or all of it; may be given more than once',
    '-l OFFSET  entries lie so far before the addresses of the list; for -s without -o',
    '-e END     ends at this address',
    '-r         the other way round',
    '-x, -d     numbers in hexadecimal or decimal',
    'As in: list -H modules -o module.list -s module.name',
  ],
  completes: ['symbol', 'struct'],
  *run(shell, args) {
    const { kernel } = shell.session;
    const options = parseOptions('list', args, {
      flags: ['r', 'h', 'H', 'x', 'd', 'B'],
      values: ['o', 'e', 's', 'S', 'l'],
    });
    const within = options.args.length > 1 ? options.args.find((arg) => IS_MEMBER.test(arg)) : undefined;
    const [where, ...more] = options.args.filter((arg) => arg !== within);
    if (where === undefined || more.length > 0) throw new InputError('list', 'takes one address', 'see help list');
    const at = (text: string | undefined): bigint => (text === undefined ? 0n : offsetOf(kernel, 'list', text));
    const [offset, base] = [at(within ?? options.value('o')), at(options.value('l'))];
    const end = options.value('e');
    const hex = options.has('x') || (!options.has('d') && shell.radix === 16);
    const shown = [...options.all('s'), ...options.all('S')].map((text) => structShower(shell, 'list', text, hex));
    const entries = walk(kernel.memory, {
      start: evaluate(kernel, 'list', where, 'address'),
      offset,
      link: options.has('r') ? 8n : 0n,
      kind: options.has('H') ? 'head' : options.has('h') ? 'entry' : 'chain',
      ...(end === undefined ? {} : { end: evaluate(kernel, 'list', end, 'address') }),
    });
    for (const address of entries) {
      yield { kind: 'address', address: spell(address) };
      for (const show of shown) yield show(BigInt.asUintN(64, address - base));
    }
  },
};

interface Walk {
  readonly start: bigint;
  readonly offset: bigint;
  /** Of the pointer that is followed, from the link. */
  readonly link: bigint;
  readonly kind: 'head' | 'entry' | 'chain';
  readonly end?: bigint;
}

/** Throws MemoryFault where the list leads into nothing, InputError where it goes round. */
function* walk(memory: KernelMemory, { start, offset, link, kind, end }: Walk): Generator<bigint> {
  const within = kind === 'chain' ? 0n : offset;
  const first = kind === 'entry' ? start + offset : start;
  const follow = (at: bigint): bigint => memory.u64(at + link + (kind === 'chain' ? offset : 0n));
  const seen = new Set<bigint>();
  let at = first;
  if (kind === 'head') at = follow(first);
  // A head alone is an empty list.
  if (kind === 'head' && at === first) return;
  for (;;) {
    if (at === 0n || at === end) return;
    if (seen.has(at)) throw new InputError('list', `comes to ${spell(at)} again`, 'is OFFSET right? is the list torn?');
    if (seen.size >= MOST_ENTRIES)
      throw new InputError('list', `does not end after ${MOST_ENTRIES} entries`, 'give -e');
    seen.add(at);
    yield BigInt.asUintN(64, at - within);
    at = follow(at);
    if (at === first) return;
  }
}
