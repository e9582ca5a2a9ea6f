import { spellDeclaration } from '../../../model/layouts/spell-type.ts';
import { readBig, scalarOf } from '../../../model/layouts/scalar.ts';
import { isStruct } from '../../../model/layouts/struct-layout.ts';
import { sizeOfType } from '../../../model/layouts/type-ref.ts';
import { InputError } from '../../../sources/input-error.ts';
import { perCpu, possibleCpus, type Cpu } from '../../../model/kernel/cpus.ts';
import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { spell } from '../addresses.ts';
import { coreStruct } from '../struct.ts';
import { evaluate } from './expression.ts';
import { parseOptions } from './options.ts';
import type { Shell } from './shell.ts';
import type { ShellWord } from './word.ts';

export const p: ShellWord = {
  name: 'p',
  usage: ['p [-xd] VARIABLE[:CPU]', 'p [-xd] EXPRESSION', 'p sizeof(TYPE)'],
  summary: 'a global variable, or the value of an expression',
  help: [
    '-x, -d  numbers in hexadecimal or decimal',
    'Where its type is not known (BTF has those of per-CPU variables only), its first eight bytes are shown as a number.',
    'VARIABLE:a is the per-CPU variable of all CPUs. A struct in a variable: struct NAME VARIABLE.',
  ],
  completes: ['symbol'],
  *run(shell, args) {
    const options = parseOptions('p', args, { flags: ['x', 'd'] });
    const text = options.args.join(' ');
    if (text === '') throw new InputError('p', 'nothing was asked', 'see help p');
    const hex = options.has('x') || (!options.has('d') && shell.radix === 16);
    const [name = '', which] = text.split(':');
    const start = shell.session.kernel.symbols.find(name);
    if (start === undefined) return yield valueOf(shell, text, hex);
    const cpus = which === undefined ? [undefined] : cpusOf(shell, which);
    for (const cpu of cpus) {
      const at = cpu ? perCpu(start, cpu) : start;
      if (cpu) yield { kind: 'text', lines: [`per_cpu(${name}, ${cpu.number}) = ${spell(at)}`] };
      yield show(shell, name, at, hex);
    }
  },
};

function valueOf({ session }: Shell, text: string, hex: boolean): ShellBlock {
  const { kernel } = session;
  const type = /^sizeof\s*\((.*)\)$/.exec(text)?.[1]?.trim();
  const size = type === undefined ? undefined : kernel.layouts.sizeOf(type);
  if (type !== undefined && size === undefined) throw new InputError('p', `no type ${type}`, 'is it spelled as in C?');
  const value = size === undefined ? evaluate(kernel, 'p', text.replace(/^&/, ''), 'number') : BigInt(size);
  return { kind: 'text', lines: [`${text} = ${hex || value > 2n ** 63n ? `0x${value.toString(16)}` : value}`] };
}

function cpusOf({ session }: Shell, which: string): readonly Cpu[] {
  const cpus = possibleCpus(session.kernel).filter(({ number }) => which.startsWith('a') || String(number) === which);
  if (cpus.length === 0) throw new InputError('p', `no CPU ${which}`, 'kmem -o lists them');
  return cpus;
}

function show({ session }: Shell, name: string, at: bigint, hex: boolean): ShellBlock {
  const { kernel } = session;
  const type = kernel.layouts.variable(name);
  if (type && isStruct(type)) {
    const spelled = spellDeclaration(type, '');
    return { kind: 'struct', struct: coreStruct(kernel, spelled, `0x${spell(at)}`), hex };
  }
  const number = type && scalarOf({ type, offset: 0, size: sizeOfType(type) ?? 0 });
  if (type && !number) return { kind: 'text', lines: [`${name}: ${spellDeclaration(type, name)} at ${spell(at)}`] };
  const value = number ? readBig(number, kernel.memory.read(at, number.size), 0) : kernel.memory.u64(at);
  const symbol = kernel.symbols.spell(BigInt.asUintN(64, value));
  const shown = hex || value > 2n ** 63n ? `0x${BigInt.asUintN(64, value).toString(16)}` : String(value);
  const remark = type ? spellDeclaration(type, '') : 'its first eight bytes: the type is not known';
  return { kind: 'text', lines: [`${name} = ${shown}${symbol === undefined ? '' : ` <${symbol}>`}  (${remark})`] };
}
