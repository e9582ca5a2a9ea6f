import { spellBytes, spellCount, spellDuration, spellRate, spellShare } from '../../base/spelling.ts';
import { bytes, sumBytes, type Bytes } from '../../base/units.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { DumpFacts, HeldPart, Holding } from '../../model/dump-facts.ts';
import type { Growth, GrowthFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';
import {
  holdingEvidence,
  holdingSteps,
  layerOf,
  mainParts,
  nameHolder,
  nameThings,
  ownerOf,
  subjectOf,
} from './holding-words.ts';

/** A part that grew, with the growth of its cache. */
interface Grown {
  readonly part: HeldPart;
  readonly cache: Growth;
  readonly added: number;
}

const MOST = 4;
/** Of what a cache grew by, that the holder has as much at least. */
const PART_OF_GROWTH = 0.5;
/** Of what is held, that came during the series; less than that only where it is nearly all of the cache. */
const PART_OF_HELD = 0.3;
const NEARLY_ALL = 0.7;
/** A module's own growth is worth a word before it is much: nobody else's objects are counted with it. */
const FEWEST_OF_MODULE = 500;
const FEWEST_PAGES = 64;
const LEAST_OF_MODULE = 64 * 1024;
/** Of RAM, that one look at it is enough for a suspicion. */
const SUSPICIOUS = 0.1;

/** What grows can be reached, and one holder alone leads to it: a list that is added to and never emptied. */
export const heldGrowth: Rule<'dump', 'growth' | 'snapshot'> = defineRule({
  id: 'held-growth',
  title: 'objects that one holder keeps, more and more of them',
  needs: ['dump'],
  mayUse: ['growth', 'snapshot'],
  examine({ dump, growth, snapshot }) {
    const found = dump.holdings.flatMap((holding): readonly Finding[] => {
      if (!growth || !snapshot) return isMuch(holding, dump) ? [describeLarge(holding, dump)] : [];
      const grown = grownParts(holding, growth).filter(
        ({ part }) => holding.holder.kind === 'module' || !isCache(part),
      );
      return isEnough(holding, grown, growth) ? [describeGrowth(holding, grown, dump, growth, snapshot)] : [];
    });
    return found.slice(0, MOST);
  },
});

function grownParts({ parts }: Holding, growth: GrowthFacts): readonly Grown[] {
  return parts.flatMap((part): readonly Grown[] => {
    const cache = growthOf(part, growth);
    const added = addedTo(part, cache);
    const explains = part.objects >= added * PART_OF_GROWTH;
    const isNew = added >= part.objects * PART_OF_HELD || (part.share >= NEARLY_ALL && added > 0);
    return cache && added > 0 && explains && isNew && cache.trend > 0.5 ? [{ part, cache, added }] : [];
  });
}

/** Pages of a driver are in no counter but in what is left of all of them. */
const growthOf = (part: HeldPart, { caches, buckets }: GrowthFacts): Growth | undefined =>
  part.of === 'pages'
    ? buckets.find(({ name }) => name === 'unexplained')
    : caches.find(({ name, aliases }) => [name, ...aliases].some((each) => isOf(part, each)));

/** Objects; of pages so many blocks as there would be in the bytes. */
function addedTo(part: HeldPart, growth: Growth | undefined): number {
  if (growth?.objects) return growth.objects.last - growth.objects.first;
  return part.of === 'pages' && growth ? Math.floor(((growth.last - growth.first) * part.objects) / part.bytes) : 0;
}

const isOf = ({ cache, aliases }: HeldPart, name: string): boolean => cache === name || aliases.includes(name);

/**
 * What is given back under pressure hangs on one object of the kernel as a rule: the nodes of a large file's page cache on its
 * inode, the buffers of pages on those. Only a module's own data that keeps such is a reason for it to grow.
 */
const isCache = ({ reclaimable }: HeldPart): boolean => reclaimable;

function isEnough({ holder }: Holding, grown: readonly Grown[], { gate }: GrowthFacts): boolean {
  const size = amountOf(grown);
  if (!('module' in holder) || holder.module === undefined) return size >= gate;
  return (
    size >= LEAST_OF_MODULE &&
    grown.some(({ part, added }) => added >= (part.of === 'pages' ? FEWEST_PAGES : FEWEST_OF_MODULE))
  );
}

/** Of what grew, that the holder has at most. */
const amountOf = (grown: readonly Grown[]): Bytes =>
  sumBytes(
    grown.map(({ part, added }) => bytes(Math.round((Math.min(part.objects, added) * part.bytes) / part.objects))),
  );

/** One look shows no growth: only a module's, or what is much by any measure. */
const isMuch = ({ holder, bytes: size }: Holding, { ram }: DumpFacts): boolean =>
  ('module' in holder && holder.module !== undefined) || size >= ram * SUSPICIOUS;

function describeGrowth(
  holding: Holding,
  grown: readonly Grown[],
  dump: DumpFacts,
  growth: GrowthFacts,
  snapshot: Snapshot,
): Finding {
  const [lead] = mainParts(holding.parts);
  const { rate } = rateOf({ ...longest(grown, growth), ...sumOfRates(grown) }, snapshot);
  const size = sumBytes(mainParts(holding.parts).map((part) => part.bytes));
  const things = `${spellCount(lead.objects)} × ${nameThings(holding)}`;
  const faster = rate === undefined ? 'more and more' : `grow by ${spellRate(rate.bytesPerHour)}`;
  const span = growth.spanSeconds === undefined ? '' : ` in ${spellDuration(growth.spanSeconds)}`;
  return {
    id: 'held-growth',
    title: `${things}, ${spellBytes(size)}, ${faster}, all reached through ${nameHolder(holding)}`,
    summary: `${things} (${spellBytes(size)}) are kept by ${nameHolder(holding)} alone, ${spellBytes(amountOf(grown))} more${span}${rate === undefined ? '' : ` (${spellRate(rate.bytesPerHour)})`}. Nothing of it is lost; whoever adds to it has to take off as well.`,
    verdict: 'growth',
    layer: layerOf(mainParts(holding.parts)),
    confidence: confidence(holding, grown, growth, dump),
    bytes: size,
    objects: lead.objects,
    ...(rate === undefined ? {} : { rate }),
    subject: subjectOf(holding),
    ...ownerOf(holding),
    evidence: withGrowth(holdingEvidence(holding, dump), grown),
    next: holdingSteps(holding, dump),
    terms: ['slab cache', 'growth rate'],
  };
}

/** The head first, then what grew. */
function withGrowth(
  [first, ...others]: readonly [Evidence, ...Evidence[]],
  grown: readonly Grown[],
): readonly [Evidence, ...Evidence[]] {
  const over = grown.slice(0, 3).map(({ cache }) => ({
    text: `over time: ${cache.name === 'unexplained' ? 'pages that no counter explains' : cache.name}: ${spellGrowth(cache)}`,
    source: cache.lastAt,
  }));
  return [first, ...over, ...others];
}

/** Any growth of the series, for what all of them have in common. */
function longest([first]: readonly Grown[], growth: GrowthFacts): Growth {
  const of = first?.cache ?? growth.caches[0];
  if (!of) throw new RangeError('no growth');
  return of;
}

function sumOfRates(grown: readonly Grown[]): Pick<Growth, 'perHour'> {
  const rates = grown.flatMap(({ cache }) => cache.perHour ?? []);
  if (rates.length === 0) return {};
  const sum = (of: (rate: (typeof rates)[number]) => number): number =>
    rates.reduce((total, rate) => total + of(rate), 0);
  const isBounded = rates.every(({ low, high }) => low !== undefined && high !== undefined);
  return {
    perHour: {
      value: sum(({ value }) => value),
      ...(isBounded ? { low: sum(({ low = 0 }) => low), high: sum(({ high = 0 }) => high) } : {}),
    },
  };
}

/** How much of the growth it is, over how long, and whether the holder is one that can be named. */
function confidence({ holder }: Holding, grown: readonly Grown[], growth: GrowthFacts, { missing }: DumpFacts): number {
  const whole = grown.every(({ part, added }) => part.objects >= added * 0.9) ? 0.1 : 0;
  const long = (growth.spanSeconds ?? 0) > 3600 ? 0.1 : 0;
  const steady = growth.samples > 2 && grown.every(({ cache }) => cache.trend > 0.9) ? 0.1 : 0;
  const named = holder.kind === 'module' ? 0.1 : holder.kind === 'place' ? -0.15 : 0;
  return Math.min(0.95, 0.6 + whole + long + steady + named + (missing === 0 ? 0.05 : 0));
}

function describeLarge(holding: Holding, dump: DumpFacts): Finding {
  const [lead] = mainParts(holding.parts);
  const size = sumBytes(mainParts(holding.parts).map((part) => part.bytes));
  const share = size / dump.ram;
  const things = `${spellCount(lead.objects)} × ${nameThings(holding)}`;
  return {
    id: 'held-growth',
    title: `${things}, ${spellBytes(size)} (${spellShare(share)} of RAM), all reached through ${nameHolder(holding)}`,
    summary: `${things} (${spellBytes(size)}, ${spellShare(share)} of RAM) are kept by ${nameHolder(holding)} alone. Nothing of it is lost; one dump cannot tell whether it grows.`,
    verdict: share >= SUSPICIOUS ? 'growth' : 'inconclusive',
    layer: layerOf(mainParts(holding.parts)),
    confidence: Math.min(0.7, 0.5 + share),
    bytes: size,
    objects: lead.objects,
    subject: subjectOf(holding),
    ...ownerOf(holding),
    evidence: holdingEvidence(holding, dump),
    next: [
      ...holdingSteps(holding, dump),
      {
        command: 'kleak snapshot -o kleak-later.tar.gz',
        why: 'as root on that host, twice, an hour apart; given beside the dump they tell whether it grows',
        risk: 'none',
      },
    ],
    terms: ['slab cache'],
  };
}
