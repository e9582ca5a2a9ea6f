import { bytes } from '../../base/units.ts';
import type { DumpFacts } from '../../model/dump-facts.ts';
import type { CoreSession } from '../core/session.ts';

/** How much denser with pointers than the rest what is missing may be. */
const SAFETY = 4;

/** How far the sweep looked, how long it took, and what it could not see. */
export function sweepOf(session: CoreSession): Pick<DumpFacts, 'scanned' | 'missing' | 'referencesMissed'> {
  const started = performance.now();
  const { graph, space } = session.reachability;
  const { read } = graph;
  const references = graph.targets.length + graph.rootTargets.length;
  return {
    scanned: {
      bytes: read.bytes,
      words: read.words,
      objects: space.table.objects - space.table.countFree(0, space.table.objects),
      seconds: Math.round(performance.now() - started) / 1000,
    },
    missing: bytes(read.missing),
    referencesMissed:
      read.missing === 0 ? 0 : Math.ceil((SAFETY * references * read.missing) / Math.max(1, read.bytes)),
  };
}
