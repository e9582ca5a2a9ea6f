import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { possibleCpus, perCpu } from '../../../model/kernel/cpus.ts';
import { parseStructQuery } from '../../../model/layouts/struct-query.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { coreLayout, coreStruct } from '../struct.ts';
import { evaluate } from './expression.ts';
import { parseOptions, type Options } from './options.ts';
import type { Shell } from './shell.ts';
import type { ShellWord } from './word.ts';

const MOST_STRUCTS = 1_000_000;
const HELP: readonly string[] = [
  '-o         offsets of the members; with an address where each of them lies',
  '-c COUNT   so many structs, one behind the other; less than zero: those that end here',
  '-l OFFSET  ADDRESS lies so far within it: a number, or STRUCT.MEMBER as for the entries of a list',
  '-x, -d     numbers in hexadecimal or decimal',
  'Without an address the struct is shown as it is declared. MEMBER may be a path: se.load.weight, node[0].',
  'SYMBOL:CPU is the copy of a CPU, SYMBOL:a those of all.',
  'A name alone does as well: dentry.d_name ADDRESS, *rq runqueues:0.',
];

const wordFor = (name: 'struct' | 'union', summary: string): ShellWord => ({
  name,
  usage: [`${name} NAME[.MEMBER[,MEMBER]] [-o] [-xd] [-c COUNT] [-l OFFSET] [ADDRESS|SYMBOL[:CPU] [COUNT]]`],
  summary,
  help: HELP,
  completes: ['struct', 'symbol'],
  run: (shell, args) => showStruct(shell, name, args),
});

export const struct: ShellWord = wordFor('struct', 'a struct: its declaration, or what one in memory holds');
export const union: ShellWord = wordFor('union', 'the same for a union');

/** `struct NAME …`, whatever word it came by. */
export function* showStruct(shell: Shell, word: string, args: readonly string[]): Generator<ShellBlock> {
  const { kernel } = shell.session;
  const options = parseOptions(word, args, { flags: ['o', 'x', 'd'], values: ['c', 'l'] });
  const [name, where, count] = options.args;
  if (name === undefined) throw new InputError(word, 'nothing was asked', `see help ${word}`);
  const query = needQuery(kernel, word, name);
  if (where === undefined) {
    const layout = coreLayout(kernel, name);
    const isWhole = query.paths.length === 0;
    return yield { kind: 'layout', layout, offsets: options.has('o') || !isWhole, isWhole };
  }
  const total = countOf(kernel, word, options.value('c') ?? count);
  const back = options.value('l');
  const shift = back === undefined ? 0n : offsetOf(kernel, word, back);
  const starts = placesOf(kernel, word, where);
  for (const { cpu, address } of starts) {
    if (cpu !== undefined) yield { kind: 'text', lines: [`[${cpu}]: ${spell(address)}`] };
    yield* several(shell, options, query, BigInt.asUintN(64, address - shift), total);
  }
}

interface Query {
  readonly text: string;
  readonly size: number;
  readonly paths: readonly string[];
}

function* several(shell: Shell, options: Options, query: Query, first: bigint, count: number): Generator<ShellBlock> {
  const { kernel } = shell.session;
  const hex = options.has('x') || (!options.has('d') && shell.radix === 16);
  const begin = count < 0 ? count + 1 : 0;
  for (let i = 0; i < Math.abs(count); i++) {
    const address = BigInt.asUintN(64, first + BigInt((begin + i) * query.size));
    if (i > 0) yield { kind: 'blank' };
    if (options.has('o')) {
      const layout = coreLayout(kernel, query.text);
      yield { kind: 'layout', layout, offsets: true, isWhole: query.paths.length === 0, address: spell(address) };
      continue;
    }
    const document = coreStruct(kernel, query.text, `0x${spell(address)}`);
    yield { kind: query.paths.length > 0 ? 'members' : 'struct', struct: document, hex };
  }
}

/** Members of a struct, as `list -s` shows them: `task_struct.pid,comm`. Throws InputError. */
export function structShower(shell: Shell, word: string, text: string, hex: boolean): (address: bigint) => ShellBlock {
  const { kernel } = shell.session;
  const { paths } = needQuery(kernel, word, text);
  return (address) => ({
    kind: paths.length > 0 ? 'members' : 'struct',
    struct: coreStruct(kernel, text, `0x${spell(address)}`),
    hex,
  });
}

function needQuery({ layouts }: Kernel, word: string, text: string): Query {
  const query = parseStructQuery(text);
  const layout = query && layouts.struct(query.type);
  if (layouts.graphs.length === 0)
    throw new InputError(word, 'the dump holds no types', 'open it with --symbols vmlinux');
  if (!query || !layout) throw new InputError(word, `no struct or union ${text}`, 'is it spelled as in C?');
  const missing = query.paths.find((path) => !layout.has(path));
  if (missing === undefined) return { text, size: layout.size, paths: query.paths };
  throw new InputError(word, `${query.type} has no member ${missing}`, `struct ${query.type} lists them`);
}

function countOf(kernel: Kernel, word: string, text: string | undefined): number {
  if (text === undefined) return 1;
  const count = Number(BigInt.asIntN(64, evaluate(kernel, word, text, 'number')));
  if (count !== 0 && Math.abs(count) <= MOST_STRUCTS) return count;
  throw new InputError(word, `${text} is no count`, `give one up to ${MOST_STRUCTS}`);
}

/** A number, or `module.list`. Throws InputError. */
export function offsetOf(kernel: Kernel, word: string, text: string): bigint {
  const [, name, path] = /^(\w+)\.([\w.[\]]+)$/.exec(text) ?? [];
  if (name === undefined || path === undefined) return evaluate(kernel, word, text, 'number');
  const member = kernel.layouts.member(name, path);
  if (member) return BigInt(member.offset);
  throw new InputError(word, `no struct ${name} with a member ${path}`, `struct ${name} lists them`);
}

function placesOf(kernel: Kernel, word: string, text: string): readonly { cpu?: number; address: bigint }[] {
  const [, name, cpu] = /^(.+):(a|all|\d+)$/.exec(text) ?? [];
  if (name === undefined || cpu === undefined) return [{ address: evaluate(kernel, word, text, 'address') }];
  const pointer = evaluate(kernel, word, name, 'address');
  const cpus = possibleCpus(kernel).filter(({ number }) => cpu.startsWith('a') || number === Number(cpu));
  if (cpus.length === 0) throw new InputError(word, `no CPU ${cpu}`, 'kmem -o lists them');
  return cpus.map((one) => ({ cpu: one.number, address: perCpu(pointer, one) }));
}
