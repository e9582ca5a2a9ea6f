import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import type { Finding } from '../../findings/finding.ts';
import { diagnose } from '../diagnose.ts';

/** Milliseconds: one dump, side by side with other tests. */
const SLOW = 60_000;

interface Planted {
  readonly id: string;
  readonly verdict: Finding['verdict'];
  readonly layer: Finding['layer'];
  readonly cache?: string;
  readonly known?: string;
  readonly module?: string;
}
const tables = (cache: string): Planted => ({
  id: 'unreachable-objects',
  verdict: 'leak',
  layer: 'slab-unreclaimable',
  cache,
});

/** What was planted in the dumps that are known by name; healthy ones have nothing. */
const PLANTED: Readonly<Record<string, Planted>> = {
  'x86-64-slub': tables('kmalloc-cg-32'),
  'arm64-slab': tables('kmalloc-cg-128'),
  '6.1-seqops': tables('kmalloc-cg-32'),
  '6.12-seqops': tables('kmalloc-cg-32'),
  '6.1-tty': tables('kmalloc-cg-1k'),
  '6.1-khm': { ...tables('sock_inode_cache'), layer: 'slab-reclaimable' },
  '6.1-ring': { id: 'unreferenced-pages', verdict: 'leak', layer: 'page-allocator', module: 'ringleak' },
  '6.1-nss': {
    id: 'negative-names',
    verdict: 'not-a-leak',
    layer: 'slab-reclaimable',
    cache: 'dentry',
    known: 'K-0011',
  },
  '6.1-healthy': { id: 'nothing-lost', verdict: 'not-a-leak', layer: 'none' },
};

const dumps = realDumps().filter(({ name }) => name in PLANTED);
describe.skipIf(dumps.length === 0)(`diagnose of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'of $name names first what was planted',
    async ({ name, path }) => {
      const { findings, dump, summary } = await diagnose([path]);
      const [first] = findings;
      const { id, verdict, layer, cache, known, module } = PLANTED[name] ?? tables('');
      expect(first).toMatchObject({ id, verdict, layer });
      expect(first?.subject?.cache).toBe(cache);
      expect(known === undefined || first?.knownIssue?.id === known).toBe(true);
      expect(module === undefined || first?.owner?.name === module).toBe(true);
      expect(summary).toBe(first?.summary);
      expect(dump?.scanned.objects).toBeGreaterThan(1000);
      expect(first?.evidence.every(({ source }) => source.kind !== 'line')).toBe(true);
    },
    SLOW,
  );

  const withProc = dumps.filter(({ procFolder, name }) => procFolder !== undefined && name.endsWith('seqops'));
  it.skipIf(withProc.length === 0).each(withProc)(
    'of $name with its /proc files tells of the cache once',
    async ({ path, procFolder = '' }) => {
      const { findings } = await diagnose([path, procFolder]);
      expect(findings.filter(({ subject }) => subject?.cache === findings[0]?.subject?.cache)).toHaveLength(1);
    },
    SLOW,
  );
});
