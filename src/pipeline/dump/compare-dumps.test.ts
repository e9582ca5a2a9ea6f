import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { renderCoreComparison } from '../../report/core/comparison-text.ts';
import { compareTwo } from './compare-two.ts';

/** Milliseconds, side by side with other tests: two dumps are swept. */
const SLOW = 120_000;
const dumps = realDumps();
const at = (wanted: string): string | undefined => dumps.find(({ name }) => name === wanted)?.path;
const bundled = at('x86-64-slub') ?? at('arm64-slab');
const [healthy, leaking, ring] = [at('6.1-healthy'), at('6.1-seqops'), at('6.1-ring')];

describe(`two dumps (${WHERE_DUMPS_ARE})`, () => {
  it.skipIf(bundled === undefined)(
    'that are the same differ in nothing, and everything that is there was there before',
    () => {
      const { relation, caches, uses, holders, groups, lost } = compareTwo(
        { file: bundled ?? '' },
        { file: bundled ?? '' },
        [],
      );
      expect({ relation, caches, uses, holders, groups, lost }).toEqual({
        relation: 'same boot',
        caches: [],
        uses: [],
        holders: [],
        groups: [],
        lost: [],
      });
    },
    SLOW,
  );

  it.skipIf(healthy === undefined || leaking === undefined)(
    'tell by content what is more in the cache that grew (needs 6.1-healthy and 6.1-seqops)',
    () => {
      const comparison = compareTwo({ file: healthy ?? '' }, { file: leaking ?? '' }, []);
      const more = comparison.groups.find(({ cache }) => cache === 'kmalloc-cg-32');
      expect(more?.what).toMatch(/^struct seq_operations, \w+ \[seqleak\]$/);
      expect(more?.change).toBeGreaterThan(290_000);
      expect(renderCoreComparison(comparison)).toContain('struct seq_operations');
    },
    SLOW,
  );

  it.skipIf(healthy === undefined || ring === undefined)(
    'tell who holds more, and of what (needs 6.1-healthy and 6.1-ring)',
    () => {
      const { holders } = compareTwo({ file: healthy ?? '' }, { file: ring ?? '' }, []);
      expect(holders.find(({ holder }) => holder.endsWith('of module ringleak'))).toMatchObject({ of: 'pages', a: 0 });
    },
    SLOW,
  );
});
