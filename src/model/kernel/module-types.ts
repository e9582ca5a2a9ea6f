import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Walked } from './kernel.ts';
import { walkList } from './list.ts';
import type { KernelParts } from './modules.ts';

/** Where the BTF of a module lies in memory: split, on top of the kernel's own. */
export interface ModuleTypes {
  readonly module: string;
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
}

const LARGEST_BTF = 2 ** 28;
const MOST_MODULES = 65_536;

/**
 * The BTF of modules, of the list `btf_modules` (5.11, 36e68442d1af): its struct btf keeps a copy of the module's section,
 * which itself is not kept. Modules that were built without, as those outside of the kernel's tree mostly are, have none.
 */
export function moduleTypes({ memory, symbols, layouts }: KernelParts): Walked<readonly ModuleTypes[]> {
  const head = symbols.find('btf_modules');
  const layout = layouts.struct('btf_module');
  if (head === undefined || layout === undefined || !layouts.has('btf', 'data')) return { value: [], problems: [] };
  const problems: string[] = [];
  const value: ModuleTypes[] = [];
  const list = BigInt(layout.need('list').offset);
  for (const entry of walkList(
    memory,
    head,
    (what) => problems.push(`the list of BTF of modules ${what}`),
    MOST_MODULES,
  )) {
    const types = ifThere(() => {
      const view = viewStruct(memory, layouts, layout, entry - list);
      const btf = view.follow('btf');
      const module = view.follow('module')?.text('name');
      if (btf === undefined || module === undefined) return undefined;
      return { module, address: btf.pointer('data'), size: btf.number('data_size') };
    });
    if (types !== undefined && types.size > 0 && types.size < LARGEST_BTF) value.push(types);
    else problems.push(`the BTF of the module of ${entry.toString(16)} cannot be read`);
  }
  return { value, problems };
}
