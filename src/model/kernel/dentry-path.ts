import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';

/** Deeper than any path (PATH_MAX / 2): a longer one goes round. */
const DEEPEST = 2048;
const LONGEST_NAME = 255;

/**
 * The path of a dentry inside of its file system: `/etc/pki/nssdb`. Names are whatever users chose: escape before showing.
 * Where a parent cannot be read the path begins with `…`.
 */
export function dentryPath(kernel: Kernel, dentry: bigint): string {
  const { memory, layouts } = kernel;
  const names: string[] = [];
  let at = dentry;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const found = ifThere(() => {
      const view = viewStruct(memory, layouts, 'dentry', at);
      return { parent: view.pointer('d_parent'), name: memory.string(view.pointer('d_name.name'), LONGEST_NAME) };
    });
    if (!found) return `…/${names.toReversed().join('/')}`;
    if (found.parent === at || found.parent === 0n) return `${rootName(found.name)}${names.toReversed().join('/')}`;
    names.push(found.name);
    at = found.parent;
  }
  return `…/${names.slice(0, 8).toReversed().join('/')}`;
}

/** File systems without a tree name their roots: `socket:`; the root of a tree is called `/`. */
const rootName = (name: string): string => (name === '/' || name === '' ? '/' : `${name}/`);
