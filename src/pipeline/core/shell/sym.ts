import type { CoreSymbol } from '../../../findings/core/core-address.ts';
import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { KernelSymbol } from '../../../model/symbols/symbol-table.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { evaluate } from './expression.ts';
import { parseOptions } from './options.ts';
import type { ShellWord } from './word.ts';

/** Names that come near one that is not there. */
const MOST_NEAR = 5;

export const sym: ShellWord = {
  name: 'sym',
  usage: ['sym NAME|ADDRESS …', 'sym -q TEXT', 'sym -l', 'sym -m MODULE', 'sym -M', 'sym -p|-n NAME|ADDRESS'],
  summary: 'a symbol, either way',
  help: [
    '-q TEXT    all symbols whose name has TEXT in it',
    '-l         all symbols',
    '-m MODULE  those of a module',
    '-M         those of all modules',
    '-p, -n     also the symbol before, or behind',
  ],
  completes: ['symbol'],
  *run({ session }, args) {
    const { kernel } = session;
    const options = parseOptions('sym', args, { flags: ['l', 'M', 'p', 'n'], values: ['q', 'm'] });
    const [text, module] = [options.value('q'), options.value('m')];
    if (text !== undefined) yield listed(kernel, (symbol) => symbol.name.includes(text));
    else if (options.has('l')) yield listed(kernel, () => true);
    else if (options.has('M')) yield listed(kernel, (symbol) => symbol.module !== undefined);
    else if (module !== undefined) yield* ofModule(session.modules, kernel, module);
    else if (options.args.length === 0) throw new InputError('sym', 'nothing was asked', 'give a name or an address');
    const around = { before: options.has('p'), behind: options.has('n') };
    for (const arg of options.args) yield { kind: 'symbols', symbols: lookUp(kernel, arg, around) };
  },
};

function listed(kernel: Kernel, test: (symbol: KernelSymbol) => boolean): ShellBlock {
  return { kind: 'symbols', symbols: filtered(kernel, test) };
}

function* filtered(kernel: Kernel, test: (symbol: KernelSymbol) => boolean): Generator<CoreSymbol> {
  for (const symbol of kernel.symbols.matching(() => true)) if (test(symbol)) yield describe(symbol);
}

function* ofModule(modules: readonly { name: string }[], kernel: Kernel, name: string): Generator<ShellBlock> {
  if (!modules.some((module) => module.name === name))
    throw new InputError('sym', `no module ${name}`, 'mod lists the modules');
  yield listed(kernel, (symbol) => symbol.module === name);
}

function lookUp(
  kernel: Kernel,
  text: string,
  { before, behind }: { before: boolean; behind: boolean },
): readonly CoreSymbol[] {
  const { symbols } = kernel;
  const named = symbols.findAll(text);
  if (named.length > 0 && !before && !behind) return named.map(describe);
  const address = named[0]?.address ?? evaluateNear(kernel, text);
  const found = symbols.at(address);
  if (!found && named.length > 0) return named.map(describe);
  if (!found) throw new InputError('sym', `no symbol at ${spell(address)}`, 'kmem ADDRESS says what lies there');
  const lower = before ? symbols.at(found.address - 1n) : undefined;
  const upper = behind ? symbolBehind(kernel, found.address) : undefined;
  return [
    ...(lower ? [describe(lower)] : []),
    { ...describe(found), address: spell(address), offset: found.offset },
    ...(upper ? [describe(upper)] : []),
  ];
}

/** Symbols do not say where they end: looked for page by page, up to the largest that there is. */
const FURTHEST = 64n * 1024n * 1024n;

function symbolBehind({ symbols }: Kernel, start: bigint): KernelSymbol | undefined {
  let [below, above] = [start, start + FURTHEST];
  // The nearest symbol at or below an address only grows with the address.
  const starts = (at: bigint): bigint | undefined => symbols.at(at)?.address;
  while (above - below > 1n) {
    const middle = below + (above - below) / 2n;
    if (starts(middle) === start) below = middle;
    else above = middle;
  }
  const next = symbols.at(above);
  return next && next.address > start ? next : undefined;
}

function evaluateNear(kernel: Kernel, text: string): bigint {
  try {
    return evaluate(kernel, 'sym', text, 'address');
  } catch (cause) {
    if (!(cause instanceof InputError) || !/^[A-Za-z_.$][\w.$]*$/.test(text)) throw cause;
    const near: string[] = [];
    for (const { name } of kernel.symbols.matching((candidate) => candidate.includes(text))) {
      near.push(name);
      if (near.length >= MOST_NEAR) break;
    }
    throw new InputError(
      'sym',
      `no symbol ${text}`,
      near.length > 0 ? `there are ${near.join(', ')}` : 'none has that in it',
      {
        cause,
      },
    );
  }
}

const describe = ({ name, address, letter, module }: KernelSymbol): CoreSymbol => ({
  name,
  address: spell(address),
  kind: letter,
  ...(module === undefined ? {} : { module }),
});
