import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { walkList } from './list.ts';
import type { KernelParts } from './modules.ts';

/** MODULE_NAME_LEN is 56 on 64-bit machines. */
const LONGEST_NAME = 56;
const NAME = /^[\w-]+$/;
const MOST = 4096;

/**
 * Names of modules that are gone: the last one (`last_unloaded_module`), and before it those that tainted the kernel, where it
 * keeps a list of them (CONFIG_MODULE_UNLOAD_TAINT_TRACKING). Others left no name.
 */
export function unloadedModules({ memory, symbols, layouts }: KernelParts): readonly string[] {
  const names = new Set<string>();
  // An array of char, or a struct that begins with one and goes on with taints.
  const last = symbols.find('last_unloaded_module');
  const name = last === undefined ? undefined : ifThere(() => memory.string(last, LONGEST_NAME));
  if (name !== undefined && NAME.test(name)) names.add(name);
  const head = symbols.find('unloaded_tainted_modules');
  const layout = layouts.struct('mod_unload_taint');
  if (head === undefined || !layout?.has('list') || !layout.has('name')) return [...names];
  const list = BigInt(layout.need('list').offset);
  for (const entry of walkList(memory, head, () => undefined, MOST)) {
    const tainted = ifThere(() => viewStruct(memory, layouts, layout, entry - list).text('name'));
    if (tainted !== undefined && NAME.test(tainted)) names.add(tainted);
  }
  return [...names];
}
