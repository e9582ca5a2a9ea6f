import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellMemoryRow, ShellNumbers } from '../../../findings/core/shell-memory.ts';
import { MemoryFault } from '../../../model/memory/memory-fault.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import type { CoreSession } from '../session.ts';
import { evaluate, evaluateCount } from './expression.ts';
import { parseOptions, type Options } from './options.ts';
import { cacheAt } from './slab-names.ts';
import type { ShellWord } from './word.ts';

const MOST_COUNT = 100_000_000;
const ROW = 16;
const LONGEST_TEXT = 65_536;

export const rd: ShellWord = {
  name: 'rd',
  usage: ['rd [-8|-16|-32|-64] [-dDsSxp] [-o OFFSET] [-e END] ADDRESS [COUNT]', 'rd -a ADDRESS [COUNT]'],
  summary: 'memory',
  help: [
    '-8 -16 -32 -64  bits of a number; 64 where nothing is said',
    '-d, -D          decimal, with and without a sign',
    '-x              no characters behind the numbers',
    '-s              symbols in place of what lies in them',
    '-S              also slab caches in place of what points to an object; twice: with the number',
    '-a              the text that begins there, up to its end',
    '-p              ADDRESS is a physical one',
    '-o OFFSET       is added to ADDRESS',
    '-e END          read up to there in place of COUNT',
    'An address may be an expression: init_task+0x10, (a + b) * 8, runqueues:1 for the copy of a CPU.',
  ],
  completes: ['symbol'],
  *run({ session }, args) {
    const { kernel } = session;
    const flags = ['8', '16', '32', '64', 'd', 'D', 's', 'S', 'x', 'a', 'p'];
    const options = parseOptions('rd', args, { flags, values: ['o', 'e'] });
    const [where, howMany, ...more] = options.args;
    if (where === undefined || more.length > 0)
      throw new InputError('rd', 'takes an address and a count', 'see help rd');
    const offset = options.value('o');
    const shift = offset === undefined ? 0n : evaluate(kernel, 'rd', offset, 'number');
    const start = BigInt.asUintN(64, evaluate(kernel, 'rd', where, 'address') + shift);
    const numbers = numbersOf(options);
    const read = options.has('p') ? physicalReader(kernel) : (at: bigint, n: number) => kernel.memory.read(at, n);
    if (options.has('a')) return yield textAt(kernel, read, start, howMany);
    const length = lengthOf(kernel, options, start, howMany, numbers.size);
    const names = options.has('s') || options.has('S') ? namesOf(session, options, numbers.size) : undefined;
    yield { kind: 'memory', rows: rowsOf(read, start, length, names), numbers };
  },
};

type Read = (address: bigint, length: number) => Uint8Array;

function numbersOf(options: Options): ShellNumbers {
  const size = options.has('8') ? 1 : options.has('16') ? 2 : options.has('32') ? 4 : 8;
  const base = options.has('d') ? 'signed' : options.has('D') ? 'unsigned' : 'hex';
  const named = options.has('s') || options.has('S');
  return { size, base, text: base === 'hex' && !named && !options.has('x') };
}

function lengthOf(kernel: Kernel, options: Options, start: bigint, count: string | undefined, size: number): number {
  const end = options.value('e');
  if (end === undefined) return size * (count === undefined ? 1 : evaluateCount(kernel, 'rd', count, MOST_COUNT));
  const length = evaluate(kernel, 'rd', end, 'address') - start;
  if (length > 0n && length <= BigInt(MOST_COUNT * size)) return Math.ceil(Number(length) / size) * size;
  throw new InputError('rd', `the end ${end} is not behind the start`, 'see help rd');
}

function physicalReader({ memory }: Kernel): Read {
  return (address, length) => {
    const bytes = new Uint8Array(length);
    const [gap] = memory.physical.read(Number(address), bytes);
    if (gap) throw new MemoryFault(address + BigInt(gap.offset), gap.state);
    return bytes;
  };
}

/** A row at a time, so that what lies before a hole is shown. */
function* rowsOf(
  read: Read,
  start: bigint,
  length: number,
  names: ((bytes: Uint8Array) => readonly (string | undefined)[]) | undefined,
): Generator<ShellMemoryRow> {
  for (let done = 0; done < length; done += ROW) {
    const address = BigInt.asUintN(64, start + BigInt(done));
    const bytes = read(address, Math.min(ROW, length - done));
    const named = names?.(bytes);
    yield { address: spell(address), bytes: Buffer.from(bytes).toString('hex'), ...(named ? { names: named } : {}) };
  }
}

function namesOf(
  session: CoreSession,
  options: Options,
  size: number,
): (bytes: Uint8Array) => readonly (string | undefined)[] {
  const slabs = options.has('S');
  const both = options.count('S') > 1;
  return (bytes) => {
    if (size !== 8) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => {
      const value = view.getBigUint64(i * 8, true);
      const cache = slabs ? cacheAt(session, value) : undefined;
      if (cache !== undefined) return both ? `[${spell(value)}:${cache}]` : `[${cache}]`;
      const symbol = session.kernel.symbols.at(value);
      return symbol && `${symbol.name}${symbol.offset === 0 ? '' : `+${symbol.offset}`}`;
    });
  };
}

function textAt(kernel: Kernel, read: Read, start: bigint, count: string | undefined): ShellBlock {
  const most = count === undefined ? LONGEST_TEXT : evaluateCount(kernel, 'rd', count, LONGEST_TEXT);
  const parts: number[] = [];
  const { pageSize } = kernel.memory;
  for (let at = start; parts.length < most;) {
    const bytes = read(at, Math.min(most - parts.length, pageSize - Number(at % BigInt(pageSize))));
    const end = bytes.indexOf(0);
    parts.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) break;
    at += BigInt(bytes.length);
  }
  return { kind: 'memory-text', address: spell(start), text: Buffer.from(parts).toString('latin1') };
}
