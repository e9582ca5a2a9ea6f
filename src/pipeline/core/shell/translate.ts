import { InputError } from '../../../sources/input-error.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { spell } from '../addresses.ts';
import { evaluate } from './expression.ts';
import type { ShellWord } from './word.ts';

const TABLE_HEAD = ['VIRTUAL           PHYSICAL'];

export const vtop: ShellWord = {
  name: 'vtop',
  usage: ['vtop ADDRESS …'],
  summary: 'the physical address of a kernel address',
  help: ['By the page tables of the kernel.'],
  completes: ['symbol'],
  *run({ session }, args) {
    const rows = args.map((text) => {
      const address = evaluate(session.kernel, 'vtop', text, 'address');
      const physical = session.kernel.memory.translate(address);
      return `${spell(address)}  ${physical === undefined ? '(not mapped)' : physical.toString(16)}`;
    });
    yield { kind: 'text', lines: [...TABLE_HEAD, ...rows] };
  },
};

export const ptov: ShellWord = {
  name: 'ptov',
  usage: ['ptov ADDRESS …'],
  summary: 'the kernel address of a physical one, in the direct map',
  help: [],
  *run({ session }, args) {
    const rows = args.map((text) => {
      const physical = evaluate(session.kernel, 'ptov', text, 'address');
      return `${spell(directAddress(session.kernel, physical))}  ${physical.toString(16)}`;
    });
    yield { kind: 'text', lines: [...TABLE_HEAD, ...rows] };
  },
};

function directAddress({ directMap }: Kernel, physical: bigint): bigint {
  const from = physical - BigInt(directMap?.physical ?? 0);
  if (directMap && from >= 0n && from < directMap.size) return directMap.virtual + from;
  throw new InputError('ptov', `${physical.toString(16)} lies outside of memory`, 'kmem -n shows where memory lies');
}
