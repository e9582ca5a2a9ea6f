import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { SlabColumns, SlabTable } from '../../model/heap/slab-table.ts';
import { kindByte } from '../../model/kernel/page-kinds.ts';
import { EdgeStore } from './edge-store.ts';
import { halves, type ExtraNode, type NodeSpace } from './node-space.ts';
import { splitPairs } from './split-pairs.ts';

/** The memory map of the made machine lies in its page 2; a struct page has 64 bytes, its lru the second and third word. */
const MAP = MADE_BASE + 2n * 4096n;
const POISON = 0xdead000000000122n;
/** Physical, of the word of a variable, in the page that was reserved at boot. */
const VARIABLE = 0x100;
const frameAt = (frame: number): bigint => MADE_BASE + BigInt(frame * 4096);

interface Made {
  /** Where the variable points. */
  readonly to?: bigint;
  /** lru of page 5. */
  readonly next?: bigint;
  readonly prev?: bigint;
  /** Words that hold the address of page 5. */
  readonly words?: number;
  readonly place?: number;
}

/** Pages 4 to 6 are single and have been given out; nodes 0 to 2. Nodes that belong to the page before. */
function paired({ to = frameAt(4), next = 0n, prev = MAP, words = 0, place = VARIABLE }: Made): readonly number[] {
  const made = new MadeKernel(8, {});
  made.put(MADE_BASE + BigInt(place), to);
  made.put(MAP + 5n * 64n + 8n, next);
  made.put(MAP + 5n * 64n + 16n, prev);
  const kinds = new Uint8Array(8).fill(kindByte('single'));
  kinds[0] = kindByte('reserved');
  const extras = [4, 5, 6].map((frame): ExtraNode => ({ kind: 'pages', frame, frames: 1, compound: false }));
  const nothing = { low: 0, high: 0, from: new Float64Array(0), to: new Float64Array(0), node: new Uint32Array(0) };
  const space: NodeSpace = {
    table: new SlabTable(new SlabColumns()),
    strides: new Uint32Array(0),
    nodeOfFrame: Int32Array.from([-1, -1, -1, -1, -2, -3, -4, -1]),
    pageSize: 4096,
    directMap: { ...halves(MADE_BASE), bytes: 8 * 4096 },
    memoryMap: { low: 0, high: 0, bytes: 0, structSize: 64 },
    areas: nothing,
    extras,
    pageExtras: 3,
    count: 3,
    found: { offset: -1, cache: 0 },
  };
  const rootTargets = new EdgeStore();
  rootTargets.push(0);
  const section = { firstFrame: 0, frames: 8, pages: MAP };
  const pages = { census: { kinds }, map: { sections: [section], pageStructSize: 64 }, layout: { lru: 8 } };
  const baseWords = Uint16Array.from([1, words, 0]);
  return splitPairs(made.kernel, pages, space, { rootTargets, rootPlaces: [place], baseWords }).map(({ node }) => node);
}

describe('the second page of a block that was split', () => {
  it('belongs to the first, whose address a variable has', () => {
    expect(paired({})).toEqual([1]);
    expect(paired({ next: MAP + 5n * 64n + 8n, prev: MAP + 5n * 64n + 8n })).toEqual([1]);
    expect(paired({ next: 0xdead000000000100n, prev: POISON })).toEqual([1]);
  });

  it('is none where it was given out by itself', () => {
    expect(paired({ next: 0n, prev: POISON })).toEqual([]);
    expect(paired({ next: 2n, prev: POISON })).toEqual([]);
  });

  it('is none where the variable points into the first page, or somebody knows the second', () => {
    expect(paired({ to: frameAt(4) + 8n })).toEqual([]);
    expect(paired({ words: 1 })).toEqual([]);
  });

  it('is none where the word lies elsewhere than in what was reserved at boot', () => {
    expect(paired({ place: 4096 })).toEqual([]);
  });
});
