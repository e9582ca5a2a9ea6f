import type { DumpView, DumpViewCache, DumpViewChain, DumpViewThing } from '../../findings/dump-view.ts';
import type { DumpedCache, DumpFacts, Holding, LostMemory, LostThing } from '../../model/dump-facts.ts';

const MOST_CACHES = 20;
const MOST_THINGS = 12;
const MOST_WORDS = 16;
const MOST_HOLDINGS = 6;
/** Of a kind; fewer are what every kernel drops at boot. */
const FEWEST = 10;
/** Of RAM: every kernel has some pages that are known by number only. */
const FEW_PAGES = 0.005;

/** The part of a dump's facts that pictures are made from, bounded. */
export function viewDump(facts: DumpFacts): DumpView {
  const lost = facts.lost.filter(({ units }) => units >= FEWEST).slice(0, MOST_THINGS);
  const lostPages = facts.lostMemory.filter(({ bytes: size }) => size >= facts.ram * FEW_PAGES).slice(0, MOST_THINGS);
  const { bytes, words, objects } = facts.scanned;
  return {
    file: facts.file,
    scanned: { bytes, words, objects },
    missingBytes: facts.missing,
    caches: facts.caches.slice(0, MOST_CACHES).map((cache) => viewCache(cache, lost)),
    lost: lost.map(viewThing),
    lostPages: lostPages.map(({ kind, pages, blocks, bytes: size, reachableAlike }) => ({
      kind,
      pages,
      blocks,
      bytes: size,
      reachable: reachableAlike,
    })),
    chains: [...facts.holdings.slice(0, MOST_HOLDINGS).flatMap(viewHolding), ...lostPages.flatMap(viewChain)],
  };
}

const viewCache = ({ name, reclaimable, objects, bytes }: DumpedCache, lost: readonly LostThing[]): DumpViewCache => ({
  name,
  reclaimable,
  objects,
  bytes,
  lost: lost
    .flatMap(({ parts }) => parts.filter(({ cache }) => cache === name))
    .map((part) => ({
      ...(part.type === undefined ? {} : { type: part.type }),
      objects: part.objects,
      bytes: part.bytes,
    })),
});

function viewThing({ units, bytes, parts, samples: [address], words }: LostThing): DumpViewThing {
  return {
    units,
    bytes,
    parts: parts.map((part) => ({
      cache: part.cache,
      ...(part.type === undefined ? {} : { type: part.type }),
      objects: part.objects,
      bytes: part.bytes,
    })),
    ...(address === undefined ? {} : { sample: { address, words: words.slice(0, MOST_WORDS) } }),
  };
}

function viewChain({ kind, pages, holder }: LostMemory): readonly DumpViewChain[] {
  if (holder?.way === undefined) return [];
  const to = kind === 'vmalloc' ? 'vmalloc areas' : pages === 1 ? 'single pages' : `blocks of ${pages} pages`;
  return [{ to, kept: holder.blocks, steps: holder.way }];
}

function viewHolding({ parts: [lead], way }: Holding): readonly DumpViewChain[] {
  const to = lead.type ?? (lead.cache === undefined ? lead.of : `objects of ${lead.cache}`);
  return way.length === 0 ? [] : [{ to, kept: lead.objects, steps: way }];
}
