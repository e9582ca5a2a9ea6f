import { spellCount } from '../../base/spelling.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { TwinFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

/**
 * Tables of functions told by the functions themselves: what a crash session resolved next to an object says what the
 * object is. `made` allocates it, `freed` is the partner that must free it.
 */
const TABLES = [
  {
    type: 'struct seq_operations',
    members: ['single_start', 'single_stop', 'single_next'],
    made: 'single_open()',
    freed: 'single_release()',
    advice: 'a file opened with single_open() must be released with single_release(); seq_release() keeps this table',
  },
] as const;

interface Seen {
  readonly table: (typeof TABLES)[number];
  readonly at: Provenance;
  /** The function that is not the kernel's: the show function of the driver. */
  readonly own?: { readonly symbol: string; readonly module?: string; readonly at: Provenance };
}

/** Objects that a crash or drgn session listed and looked into. */
export const dumpedObjects: Rule<'snapshot', 'twins'> = defineRule({
  id: 'dumped-objects',
  title: 'objects that a crash session looked into',
  needs: ['snapshot'],
  mayUse: ['twins'],
  examine({ snapshot, twins }): readonly Finding[] {
    const seen = recognise(snapshot);
    return seen ? [describe(seen, snapshot, twins)] : [];
  },
});

function recognise({ dumped }: Snapshot): Seen | undefined {
  const members = dumped.structs.flatMap((s) =>
    s.members.flatMap((m) => (m.symbol === undefined ? [] : [{ symbol: m.symbol, at: s.at }])),
  );
  const symbols = [...dumped.symbols, ...members];
  for (const table of TABLES) {
    const hits = symbols.filter((s) => table.members.some((m) => m === s.symbol));
    const [first] = hits;
    if (new Set(hits.map((h) => h.symbol)).size < 2 || !first) continue;
    const own = symbols.find((s) => /show/i.test(s.symbol) && !/^(?:single|seq)_/.test(s.symbol));
    return { table, at: first.at, ...(own ? { own } : {}) };
  }
  return undefined;
}

function describe({ table, at, own }: Seen, snapshot: Snapshot, twins: TwinFacts | undefined): Finding {
  const cache = snapshot.dumped.objects[0]?.cache;
  const listed = snapshot.caches?.caches.find((c) => c.name === cache);
  const more = twins?.differences.find((d) => d.kind === 'cache' && d.name === cache);
  const objects = more?.objectsHere ?? listed?.objects;
  const maker = own ? `${own.symbol}${own.module ? ` [${own.module}]` : ''}` : 'a driver';
  const twin: readonly Evidence[] =
    more && more.objectsThere !== undefined
      ? [
          {
            text: `${cache ?? ''}: ${spellCount(more.objectsHere ?? 0)} objects here, ${spellCount(more.objectsThere)} on the other host`,
            source: more.hereAt,
          },
        ]
      : [];
  const count = objects === undefined ? '' : ` (${spellCount(objects)} objects)`;
  return {
    id: 'dumped-objects',
    title: `${cache ? `${cache} is full of` : 'the objects are'} ${table.type}, made for ${maker}`,
    summary: `${cache ?? 'The cache'}${count} is full of ${table.type}, made by ${table.made} for ${maker}: ${table.advice}.`,
    verdict: 'leak',
    layer: 'slab-unreclaimable',
    confidence: twin.length > 0 ? 0.92 : 0.8,
    ...(more ? { bytes: more.here } : listed ? { bytes: listed.bytes } : {}),
    ...(objects === undefined ? {} : { objects }),
    subject: { ...(cache ? { cache } : {}), type: table.type, function: table.made.replace('()', '') },
    ...(own
      ? { owner: { kind: own.module ? 'module' : 'driver', name: own.module ?? own.symbol, function: own.symbol } }
      : {}),
    evidence: [
      { text: `the words of a listed object are ${table.members.join(', ')}`, source: at },
      ...(own ? [{ text: `and its show function is ${own.symbol}`, source: own.at }] : []),
      ...twin,
    ],
    next: [
      {
        command: 'kleak lint .',
        why: `in the source of the module that has ${own?.symbol ?? 'the show function'}: finds what opens with ${table.made} and is not released with ${table.freed}`,
        risk: 'none',
      },
    ],
    terms: ['slab cache', 'kmalloc', 'crash dump'],
  };
}
