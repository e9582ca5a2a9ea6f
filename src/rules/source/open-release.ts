import type { SourceRule } from '../source-rule.ts';

/** `foo` for `drivers/x/foo.c`. */
const moduleOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1).replace(/\.[ch]$/, '');

/** Field case: a table of operations that opens with single_open() and releases with seq_release(). */
export const openRelease: SourceRule = {
  id: 'open-release-pair',
  title: 'sequence files whose release does not free what their open allocated',
  page: 'docs/leaks/sequence-files.md',
  examine(defect) {
    if (defect.kind !== 'open-release') return undefined;
    const { tableName, table, open, opens, release, wanted, show } = defect;
    const member = table === 'proc_ops' ? 'proc_release' : 'release';
    const lost = opens.startsWith('single')
      ? 'a struct seq_operations'
      : opens === 'seq_open'
        ? 'a struct seq_file'
        : 'the private data';
    const how = release === undefined ? 'has no release function' : `releases with ${release}()`;
    return {
      title: `${tableName}: opened with ${opens}(), ${release === undefined ? 'never released' : `released with ${release}()`}`,
      summary: `Each open of the file of ${tableName} loses ${lost}: ${open}() calls ${opens}(), and the table ${how}.`,
      layer: 'slab-unreclaimable',
      confidence: release === undefined ? 0.9 : 0.95,
      subject: {
        ...(opens.startsWith('single') ? { type: 'struct seq_operations' } : {}),
        function: opens,
        callSite: open,
      },
      ...(show === undefined ? {} : { owner: { kind: 'driver', name: moduleOf(defect.file), function: show } }),
      fix: `.${member} = ${wanted}, which frees what ${opens}() allocates.`,
    };
  },
};
