import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { describeUnreachable, type Unreachable } from '../../analysis/typing/describe-unreachable.ts';
import { inferType } from '../../analysis/typing/infer-type.ts';
import { TypeWorld } from '../../analysis/typing/type-world.ts';
import { WordCodes } from '../../analysis/clustering/word-codes.ts';
import { groupFacts } from '../../analysis/typing/word-facts.ts';
import { UnreachableNodes } from '../../analysis/clustering/unreachable.ts';
import { groupObjects } from '../../analysis/clustering/group-objects.ts';
import { renderGroups } from '../../report/core/groups-text.ts';
import { coreGroups } from './groups.ts';
import { withModuleTypes } from './module-layouts.ts';
import { CoreSession } from './session.ts';

/** Milliseconds, side by side with other tests. */
const SLOW = 120_000;
const dumps = realDumps();
const named = (names: RegExp): typeof dumps => dumps.filter(({ name }) => names.test(name));

function within<T>(path: string, work: (session: CoreSession) => T): T {
  const session = CoreSession.open(path);
  try {
    return work(session);
  } finally {
    session.close();
  }
}

const unreachable = (path: string): { readonly of: Unreachable; readonly caches: readonly string[] } =>
  within(path, (session) => ({
    of: describeUnreachable({
      kernel: withModuleTypes(session.kernel),
      heap: session.heap,
      reachability: session.reachability,
      aliasesOf: (cache) => session.aliasesOf(cache),
    }),
    caches: session.heap.caches.map(({ name }) => name),
  }));

const LEAKING_SEQ = named(/seqops|^x86-64-slub$|^arm64-slab$/);

describe.skipIf(LEAKING_SEQ.length === 0)(`dumps that leak seq_operations (${WHERE_DUMPS_ARE})`, () => {
  it.each(LEAKING_SEQ)(
    'of $name: all of them are one unit, of that type alone, made for the function of the module',
    ({ path }) => {
      const { of, caches } = unreachable(path);
      const [first] = of.units;
      expect(caches[first?.lead.cache ?? -1]).toMatch(/^kmalloc-cg-(?:32|128)$/);
      expect(first?.lead.description?.type).toMatchObject({
        state: 'exact',
        candidates: [{ type: { name: 'seq_operations' } }],
      });
      expect(first?.owner).toMatchObject({ kind: 'module', function: 'TestMod_ProcContentSeqShow' });
      expect(first?.units).toBeGreaterThan(4990);
      expect(first?.sources).toBe(first?.units);
      expect(first?.lead.description?.fields.map(({ offset, member }) => [offset, member])).toEqual([
        [0, 'start'],
        [8, 'stop'],
        [16, 'next'],
        [24, 'show'],
      ]);
    },
    SLOW,
  );

  it.each(LEAKING_SEQ)(
    'of $name: kleak core groups says the same',
    ({ path }) => {
      const [cache = ''] = within(path, ({ heap }) =>
        heap.caches
          .map(({ name }) => name)
          .filter((name) => /^kmalloc-cg-(?:32|128)$/.test(name))
          .toSorted()
          .toReversed(),
      );
      const groups = within(path, (session) => coreGroups(session, cache));
      const [first] = groups.groups;
      expect(first).toMatchObject({ type: 'struct seq_operations', typeConfidence: 'exact' });
      expect(first?.owner).toMatchObject({ kind: 'module', function: 'TestMod_ProcContentSeqShow' });
      expect(first?.unreachable).toBeGreaterThan(4990);
      expect(first?.samples.length).toBe(8);
      expect(groups.objects).toBe(groups.groups.reduce((sum, { objects }) => sum + objects, groups.small.objects));
      expect(renderGroups(groups)).toContain('made for TestMod_ProcContentSeqShow of the module seqleak');
    },
    SLOW,
  );
});

const TTY = named(/^6\.1-tty$/);
describe.skipIf(TTY.length === 0)(`the dump that leaks terminals (${WHERE_DUMPS_ARE})`, () => {
  it(
    'has them as pairs of a tty_struct and its tty_port, though a list holds all of them together',
    () => {
      const { of } = unreachable(TTY[0]?.path ?? '');
      const [first] = of.units;
      expect(first).toMatchObject({ units: 12_000, alike: 12_000, linked: 12_000, nodes: 24_000 });
      expect(first?.parts.map(({ group }) => group.description?.type.candidates[0]?.type.name)).toEqual([
        'tty_struct',
        'tty_port',
      ]);
    },
    SLOW,
  );
});

const SOCKETS = named(/^6\.1-khm$/);
describe.skipIf(SOCKETS.length === 0)(`the dump that leaks sockets (${WHERE_DUMPS_ARE})`, () => {
  it(
    'has a socket, its dentry and what security keeps of it as one thing',
    () => {
      const { of, caches } = unreachable(SOCKETS[0]?.path ?? '');
      const [first] = of.units;
      expect(first?.units).toBeGreaterThan(39_990);
      expect(first?.alike).toBe(first?.units);
      expect(first?.parts.map(({ group }) => caches[group.cache ?? -1])).toEqual([
        'sock_inode_cache',
        'dentry',
        'lsm_inode_cache',
      ]);
      expect(first?.lead.description?.type.candidates[0]?.type.name).toBe('socket_alloc');
    },
    SLOW,
  );
});

const HEALTHY = named(/healthy|^6\.1-nss$/);
describe.skipIf(HEALTHY.length === 0)(`healthy dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(HEALTHY)(
    '$name has no unit of ten or more slab objects',
    ({ path }) => {
      const { of } = unreachable(path);
      expect(of.units.filter(({ lead, units }) => lead.cache !== undefined && units >= 10)).toEqual([]);
    },
    SLOW,
  );
});

/** The share of unique answers that has to be right; measured: none was wrong, see bench/typing.ts. */
const LEAST_RIGHT = 0.98;

describe.skipIf(dumps.length === 0)(`types by content alone (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'of $name are those that caches are named for',
    ({ path }) => {
      const answers = within(path, (session) => {
        const { kernel, heap, reachability } = session;
        const codes = new WordCodes(kernel, reachability.space, heap.caches);
        const world = new TypeWorld(kernel, heap, codes, (cache) => session.aliasesOf(cache));
        const reader = { memory: kernel.memory, space: reachability.space, codes };
        const truth = new Map(
          heap.caches.flatMap(({ objectSize }, number) => {
            const { named: structs, isAll } = world.cache(number);
            const [only] = structs;
            return isAll && only && structs.length === 1 && Math.abs(objectSize - only.size) < 8
              ? [[number, only.name] as const]
              : [];
          }),
        );
        const lost = new UnreachableNodes(0, () => false);
        const { groups } = groupObjects({ ...reader, lost }, new Map([...truth.keys()].map((c) => [c, 'all'])));
        return groups
          .filter(({ objects, isUnread }) => objects >= 10 && !isUnread)
          .flatMap(({ cache, reached }) => {
            const { words } = groupFacts(reader, reached.slice(0, 16), reader.space.strides[cache] ?? 0);
            const { range } = world.cache(cache);
            const { state, candidates } = inferType(world, { named: [], isAll: false, range }, words);
            return state === 'exact' ? [[truth.get(cache), candidates[0]?.type.name]] : [];
          });
      });
      const wrong = answers.filter(([expected, given]) => expected !== given);
      expect(answers.length).toBeGreaterThan(30);
      expect(wrong.slice(Math.floor((1 - LEAST_RIGHT) * answers.length))).toEqual([]);
    },
    SLOW,
  );
});
