import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { spellDeclaration } from '../../../model/layouts/spell-type.ts';
import { nodeOf, strip } from '../../../model/layouts/type-ref.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { InputError } from '../../../sources/input-error.ts';
import { coreLayout } from '../struct.ts';
import type { ShellWord } from './word.ts';

export const whatis: ShellWord = {
  name: 'whatis',
  usage: ['whatis [struct|union|enum] NAME'],
  summary: 'a declaration: of a type, a constant, a function, a variable',
  help: ['The types of variables are known where they come from DWARF; BTF has those of per-CPU variables only.'],
  completes: ['struct', 'symbol'],
  *run({ session }, args) {
    const name = args.join(' ');
    const found = declarationOf(session.kernel, name);
    if (!found) throw new InputError('whatis', `no type and no declaration of ${name}`, 'is it spelled as in C?');
    yield found;
  },
};

function declarationOf(kernel: Kernel, name: string): ShellBlock | undefined {
  const { layouts } = kernel;
  if (layouts.struct(name)) return { kind: 'layout', layout: coreLayout(kernel, name), offsets: false, isWhole: true };
  const bare = name.replace(/^enum /, '');
  const values = layouts.enumValues(bare);
  if (values.length > 0)
    return { kind: 'enum', name: bare, values: values.map((one) => ({ name: one.name, value: String(one.value) })) };
  const constant = layouts.enumValue(name);
  if (constant !== undefined) return { kind: 'text', lines: [`${name} = ${constant}`] };
  const type = layouts.type(name);
  if (type) {
    const node = nodeOf(type);
    const text =
      node.kind === 'typedef'
        ? spellDeclaration({ graph: type.graph, id: node.to }, name)
        : spellDeclaration(strip(type), '');
    return { kind: 'text', lines: [`${node.kind === 'typedef' ? 'typedef ' : ''}${text};`] };
  }
  return prototypeOf(kernel, name) ?? variableOf(kernel, name);
}

function prototypeOf({ layouts }: Kernel, name: string): ShellBlock | undefined {
  const found = layouts.prototype(name);
  if (!found) return undefined;
  const { graph, prototype } = found;
  const parameters = prototype.parameters.map((one) => spellDeclaration({ graph, id: one.type }, one.name));
  if (prototype.variadic) parameters.push('...');
  const declaration = spellDeclaration({ graph, id: prototype.returns }, `${name}(${parameters.join(', ') || 'void'})`);
  return { kind: 'text', lines: [`${declaration};`] };
}

function variableOf({ layouts }: Kernel, name: string): ShellBlock | undefined {
  const type = layouts.variable(name);
  return type && { kind: 'text', lines: [`${spellDeclaration(type, name)};`] };
}
