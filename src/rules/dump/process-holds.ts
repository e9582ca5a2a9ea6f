import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { sumBytes, bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DumpFacts, HeldPart, ProcessHolding } from '../../model/dump-facts.ts';
import type { GrowthFacts } from '../../model/facts.ts';
import { spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at } from './dump-claims.ts';
import { layerOf } from './holding-words.ts';

type CacheGrowth = GrowthFacts['caches'][number];
interface Explained {
  readonly part: HeldPart;
  readonly cache: CacheGrowth;
}

/** Of what a cache grew by, that processes hold at least, and that all others hold at most. */
const MOSTLY = 0.8;
const OTHERS = 0.5;

/** What grew is what processes have open: theirs, and given back when they close it or end. */
export const processHolds: Rule<'dump' | 'growth'> = defineRule({
  id: 'process-holds',
  title: 'what grew and processes have open',
  needs: ['dump', 'growth'],
  examine({ dump, growth }) {
    const explained = growth.caches.flatMap((cache) => explain(cache, dump.processes.parts));
    const enough = explained.some(({ cache }) => cache.last - cache.first >= growth.gate);
    const [first, ...others] = explained;
    const [most] = dump.processes.most;
    return enough && first && most ? [describe([first, ...others], most, dump)] : [];
  },
});

/** All that others hold now is less than half of what was added: at least half of that has to be theirs. */
function explain(cache: CacheGrowth, parts: readonly HeldPart[]): readonly Explained[] {
  const part = parts.find((p) => p.cache !== undefined && [cache.name, ...cache.aliases].includes(p.cache));
  const added = cache.objects ? cache.objects.last - cache.objects.first : 0;
  if (!part || added <= 0) return [];
  const others = part.objects / part.share - part.objects;
  return part.objects >= added * MOSTLY && others <= added * OTHERS ? [{ part, cache }] : [];
}

function describe(
  explained: readonly [Explained, ...Explained[]],
  most: ProcessHolding,
  { file, processes }: DumpFacts,
): Finding {
  const grew = sumBytes(explained.map(({ cache }) => bytes(cache.last - cache.first)));
  const names = explained.map(({ cache }) => cache.name);
  const holders = processes.most.filter(({ files }) => files >= most.files / 10);
  const who = `${most.comm} (pid ${most.pid})${holders.length > 1 ? ` and ${holders.length - 1} more` : ''}`;
  const [lead] = explained;
  return {
    id: 'process-holds',
    title: `what grew, ${spellBytes(grew)} in ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}, is open in ${who}`,
    summary: `Not a leak of the kernel: what grew (${spellBytes(grew)} in ${names.slice(0, 4).join(', ')}) is held by processes, most of it by ${who}; it goes when they close it or end.`,
    verdict: 'not-a-leak',
    layer: layerOf(explained.map(({ part }) => part)),
    confidence: 0.85,
    bytes: grew,
    subject: { cache: lead.cache.name, ...(names.length > 1 ? { together: names.slice(1) } : {}) },
    owner: { kind: 'process', name: most.comm },
    evidence: [
      {
        text: `${most.comm} (pid ${most.pid}) has ${spellCount(most.files)} files open; without it nothing would lead to ${spellCount(most.objects)} objects, ${spellBytes(most.bytes)}`,
        source: at(file, most.task),
      },
      ...explained.slice(0, 4).map(({ part, cache }) => ({
        text: `${spellCount(part.objects)} of ${cache.name} (${spellShare(part.share)} of it) are held by processes alone; ${spellGrowth(cache)}`,
        source: cache.lastAt,
      })),
      ...holders.slice(1, 4).map(({ comm, pid, files, objects, task }) => ({
        text: `${comm} (pid ${pid}) has ${spellCount(files)} files open, ${spellCount(objects)} objects`,
        source: at(file, task),
      })),
    ],
    next: [
      {
        command: `ls /proc/${most.pid}/fd | wc -l`,
        why: `on that host: what ${most.comm} has open now; a number that rises is a leak of that program`,
        risk: 'none',
      },
    ],
    terms: ['slab cache'],
  };
}
