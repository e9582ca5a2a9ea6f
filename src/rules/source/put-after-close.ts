import type { SourceRule } from '../source-rule.ts';

/** Field case: path_get() before the close, path_put() behind it through a path that the close has cleared. */
export const putAfterClose: SourceRule = {
  id: 'put-after-close',
  title: 'a put through the path of a file that was closed before',
  page: 'docs/leaks/path-references.md',
  examine(defect) {
    if (defect.kind !== 'put-after-close') return undefined;
    const { put, close, byDescriptor } = defect;
    return {
      title: `${put} behind ${close}`,
      summary: `${defect.function}() closes a file and then drops references through its path: the close has cleared that, and each call leaves a dentry, a mount and their inode behind.`,
      layer: 'slab-reclaimable',
      confidence: byDescriptor ? 0.8 : 0.9,
      subject: { type: 'struct dentry', cache: 'dentry', function: defect.function, callSite: 'path_get' },
      fix: 'Keep a copy of the struct path when the references are taken, and put that copy; or put before the file is closed.',
    };
  },
};
