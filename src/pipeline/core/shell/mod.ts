import { spell } from '../addresses.ts';
import { InputError } from '../../../sources/input-error.ts';
import type { ShellWord } from './word.ts';

export const mod: ShellWord = {
  name: 'mod',
  usage: ['mod [NAME]'],
  summary: 'modules',
  help: [
    'USED is how many users a module has, TAINT its letters as in /proc/modules: O out of tree, E unsigned, P proprietary.',
  ],
  *run({ session }, [name]) {
    const found = session.modules.filter((module) => name === undefined || module.name === name);
    if (found.length === 0 && name !== undefined) throw new InputError('mod', `no module ${name}`, 'mod lists them');
    const modules = found
      .map((module) => ({
        module: spell(module.address),
        name: module.name,
        base: spell(module.base),
        sizeBytes: module.sizeBytes,
        ...(module.references === undefined ? {} : { references: module.references }),
        taints: module.taints,
      }))
      .toSorted((a, b) => (a.base < b.base ? -1 : 1));
    yield { kind: 'modules', modules };
  },
};
