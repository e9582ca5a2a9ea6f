import { spellBytes, spellCount, spellDuration } from '../../base/spelling.ts';
import type { TraceDocument, TraceSite } from '../../findings/trace.ts';
import { isFileCache, isInodeCache, isReclaimableCache } from '../../model/slab-names.ts';

type Judged = Omit<TraceDocument, 'verdict' | 'summary'>;

/** Fewer objects may be in use by chance. */
const ENOUGH = 20;
/** What piles up evenly was allocated by half in the first half; what is only in use is mostly young. */
const OLD_SHARE = 0.25;
/** What a place keeps of all it allocated. */
const KEPT_SHARE = 0.3;
/** Above it the kernel frees the objects of a place where nobody sees it. */
const UNSEEN_SHARE = 0.02;
const LOST_SHARE = 0.01;

/** Whether a place keeps what it allocates. A trace shows that, not whether it is kept for good. */
export function judgeTrace(document: Judged): Pick<TraceDocument, 'verdict' | 'summary'> {
  const { events, cache, seconds, sites } = document;
  const during = `in ${spellDuration(seconds)}`;
  if (!events) return counted(document, during);
  if (events.allocations === 0)
    return { verdict: 'inconclusive', summary: `Nothing was allocated from ${cache} ${during}.` };
  const keepers = sites.filter(keeps);
  const [first] = keepers;
  const all = `${spellCount(events.allocations)} objects were allocated from ${cache} ${during}`;
  if (!first)
    return {
      verdict: events.lost === 0 && events.outstandingObjects < ENOUGH ? 'not-a-leak' : 'inconclusive',
      summary: `${all} and all but ${spellCount(events.outstandingObjects)} freed; no place keeps what it allocates.`,
    };
  const held = `${nameOf(first)} keeps ${spellCount(first.objects)} of the ${spellCount(first.allocated)} ${first.type ?? 'objects'} (${spellBytes(first.bytes)}) that it allocated from ${cache} ${during}, for ${first.processes
    .map((p) => p.process)
    .slice(0, 3)
    .join(', ')}`;
  const lossy = events.lost > LOST_SHARE * (events.allocations + events.frees);
  if (isFileCache(cache) || (isReclaimableCache(cache) && !isInodeCache(cache)))
    return { verdict: 'inconclusive', summary: `${held}; the kernel may keep them as a cache that it can give back.` };
  return lossy
    ? { verdict: 'inconclusive', summary: `${held}, but events were lost: their frees may be among them.` }
    : {
        verdict: 'growth',
        summary: `${held}: they pile up.${first.partner === undefined ? '' : ` ${capital(first.partner)}.`}`,
      };
}

/** Places that keep what they allocate, and go on doing so. */
export function keeps(site: TraceSite): boolean {
  return (
    site.objects >= ENOUGH &&
    site.heldFromFirstHalf >= OLD_SHARE * site.objects &&
    site.objects >= KEPT_SHARE * site.allocated &&
    site.freedUnseen <= UNSEEN_SHARE * site.allocated
  );
}

function counted({ cache, cacheObjects }: Judged, during: string): Pick<TraceDocument, 'verdict' | 'summary'> {
  if (!cacheObjects) return { verdict: 'inconclusive', summary: `Nothing could be learned of ${cache}.` };
  const change = cacheObjects.after - cacheObjects.before;
  const words = change === 0 ? 'as many as before' : `${spellCount(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'}`;
  return {
    verdict: 'inconclusive',
    summary: `${cache} has ${spellCount(cacheObjects.after)} objects in use, ${words} ${during}; who allocated them could not be traced.`,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const nameOf = ({ function: name, module, callers, through }: TraceSite): string =>
  `${name}${module === undefined ? '' : ` [${module}]`}${through.length > 0 ? ` (through ${through.at(-1) ?? ''})` : ''}${callers.length > 0 ? ` ← ${callers.slice(0, 2).join(' ← ')}` : ''}`;
