import { measureGrowth } from '../../analysis/growth.ts';
import { measureRelation } from '../../analysis/relation.ts';
import type { DumpFacts } from '../../model/dump-facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Collected, DumpAt } from '../collect.ts';
import { CoreSession } from '../core/session.ts';
import { foldAlike } from './fold-problems.ts';
import { measureDump } from './measure-dump.ts';
import { snapshotOfDump } from './snapshot-of-dump.ts';

/** What the dumps among the inputs add to what was collected beside them. */
export type Examined = Pick<Collected, 'snapshots' | 'inputs' | 'unread'> & {
  readonly facts: DumpFacts;
  readonly dump: DumpAt;
};

/**
 * Opens the dump among the inputs, the last where there are several, and sweeps it. Where nothing else was given it stands
 * for /proc too. Throws InputError or FormatError where it cannot be opened.
 */
export function examineDumps(
  collected: Collected,
  symbols: readonly string[],
  doing: (what: string) => void = () => undefined,
): Examined {
  const dump = collected.dumps.at(-1) ?? { file: '', name: '' };
  const { file, name } = dump;
  const names = new Map(collected.dumps.map((one) => [one.file, one.name]));
  doing('opening the dump');
  const session = CoreSession.open(file, { symbols, nameOf: (path) => names.get(path) ?? path });
  try {
    const facts = measureDump(session, grownCaches(collected.snapshots), doing);
    const { files } = session.dump;
    const others = collected.dumps.filter((other) => !files.includes(other.file));
    return {
      facts,
      dump,
      snapshots: collected.snapshots.length > 0 ? collected.snapshots : [snapshotOfDump(session)],
      inputs: [...collected.inputs, { kind: 'vmcore', file: name }],
      unread: [
        ...collected.unread,
        ...others.map((other) => ({
          what: other.name,
          why: 'one dump is examined at a time; kleak core compare takes two',
        })),
        ...foldAlike(problemsOf(session)).map((why) => ({ what: name, why })),
      ],
    };
  } finally {
    session.close();
  }
}

/** Objects that caches grew by over a series, by name and by the names of those that are served from them. */
function grownCaches(snapshots: readonly Snapshot[]): ReadonlyMap<string, number> {
  const relation = measureRelation(snapshots);
  const growth = relation.kind === 'series' ? measureGrowth(relation.snapshots) : undefined;
  const caches = growth?.state === 'measured' ? growth.value.caches : [];
  return new Map(
    caches.flatMap(({ name, aliases, objects }) => {
      const by = objects ? objects.last - objects.first : 0;
      return by > 0 ? [name, ...aliases].map((each): readonly [string, number] => [each, by]) : [];
    }),
  );
}

function problemsOf({ kernel, pageProblems, heap }: CoreSession): readonly string[] {
  return [
    ...kernel.problems.map(({ problem }) => problem),
    ...pageProblems,
    ...heap.problems.map(({ problem, cache }) =>
      cache === undefined ? problem : `${heap.caches[cache]?.name ?? ''}: ${problem}`,
    ),
  ];
}
