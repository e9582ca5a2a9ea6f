import { rateInterval, type JoinedRate, type RateComparison } from '../../analysis/experiment/compare-rates.ts';
import { spellDuration, spellRate, spellShare, spellThings } from '../../base/spelling.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { Layer, Rate } from '../../findings/finding.ts';
import type { VerifiedQuantity, VerifiedSide, VerifyFix, VerifyOutcome } from '../../findings/verify-fix.ts';
import { isReclaimableCache } from '../../model/slab-names.ts';

type Named = { readonly kind: 'unexplained' | 'bucket' | 'cache'; readonly name: string };

export interface Compared {
  readonly track: Named;
  readonly before: JoinedRate;
  readonly after: JoinedRate;
  readonly result: RateComparison;
}

export interface Verification {
  /** What grew before. */
  readonly compared: readonly Compared[];
  /** What grows only now. */
  readonly fresh: readonly { readonly track: Named; readonly rate: JoinedRate }[];
  readonly remaining: number;
  readonly before: VerifiedSide;
  readonly after: VerifiedSide;
  readonly notes: readonly string[];
  readonly unread: VerifyFix['unread'];
  /** Growth before that is not excluded, bytes per hour, for where none is sure. */
  readonly bound: number;
}

/** Beside the fastest growth, what grows by less than this share of it does not decide. */
const WEIGHTY = 0.1;

export function describeVerification(given: Verification): VerifyFix {
  const { compared, remaining, before, after, notes, unread } = given;
  const deciding = decidingOf(compared);
  const outcome = outcomeOf(deciding);
  const more = (pick: (c: RateComparison) => number | undefined): number | undefined => {
    const numbers = deciding.map((c) => pick(c.result)).filter((n) => n !== undefined);
    return numbers.length > 0 ? Math.max(...numbers) : undefined;
  };
  const [moreHours, moreHosts] = [more((c) => c.moreHours), more((c) => c.moreHosts)];
  return {
    schema: 'kleak.verify-fix/1',
    outcome,
    summary: summaryOf(given, deciding, outcome, { moreHours, moreHosts }),
    ...(moreHours === undefined ? {} : { moreHours: digits(moreHours) }),
    ...(moreHosts === undefined ? {} : { moreHosts }),
    remaining,
    before,
    after,
    quantities: compared
      .toSorted((a, b) => b.before.perHour - a.before.perHour)
      .map((c) => quantityOf(c, deciding.includes(c))),
    newGrowth: given.fresh
      .toSorted((a, b) => b.rate.perHour - a.rate.perHour)
      .map(({ track, rate }) => ({ ...nameView(track), rate: rateView(rate) })),
    notes,
    unread,
  };
}

const OF_USERS: ReadonlySet<Layer> = new Set<Layer>(['user', 'shmem', 'hugetlb', 'balloon']);

/**
 * What the kernel holds for itself and cannot take back decides; where nothing of that grew, what programs hold; else what
 * is called reclaimable. Small growth beside large is the large one's shadow, or a host's life.
 */
function decidingOf(compared: readonly Compared[]): readonly Compared[] {
  const tier = ({ track }: Compared): number => {
    const layer = layerOf(track);
    return layer === 'slab-reclaimable' ? 2 : OF_USERS.has(layer) ? 1 : 0;
  };
  const first = Math.min(2, ...compared.map(tier));
  const candidates = compared.filter((c) => tier(c) === first);
  const most = Math.max(0, ...candidates.map((c) => c.before.perHour));
  return candidates.filter((c) => c.before.perHour >= WEIGHTY * most);
}

function outcomeOf(deciding: readonly Compared[]): VerifyOutcome {
  if (deciding.some((c) => c.result.outcome === 'not-fixed')) return 'not-fixed';
  return deciding.length > 0 && deciding.every((c) => c.result.outcome === 'fixed') ? 'fixed' : 'not-enough-data';
}

function summaryOf(
  { remaining, after, before, bound, fresh }: Verification,
  deciding: readonly Compared[],
  outcome: VerifyOutcome,
  { moreHours, moreHosts }: { readonly moreHours: number | undefined; readonly moreHosts: number | undefined },
): string {
  const lead = leadOf(deciding, outcome);
  if (!lead) {
    const days = spellRate(bound);
    return `Not enough data: nothing grew for sure in the ${spellDuration(before.hours * 3600)} before, so there is nothing to verify; growth up to ${days} is not excluded there.`;
  }
  const name = labelOf(lead.track);
  const rates = `${name} grew by ${spellRate(lead.before.perHour)}, now by ${spellRate(lead.after.perHour)}`;
  switch (outcome) {
    case 'fixed': {
      const also =
        fresh.length > 0 ? ` But ${labelOf(fresh[0]?.track ?? lead.track)} grows now that did not before.` : '';
      return `Fixed: ${rates}; at most ${spellShare(Math.max(0, lead.result.left.high))} of the old rate is left (95 % sure).${also}`;
    }
    case 'not-fixed':
      return `Not fixed: ${rates}; at least ${spellShare(Math.max(0, lead.result.left.low))} of the old rate is left (95 % sure).`;
    case 'not-enough-data': {
      const need =
        moreHosts !== undefined
          ? `${spellThings(moreHosts, 'host')} more are needed: they differ too much for time to help`
          : moreHours !== undefined
            ? `record ${spellHoursUp(moreHours)} more: then a fix shows four times out of five`
            : 'the recording before the change is too short or too noisy for any time after it to tell';
      return `Not enough data: ${rates}, which ${spellDuration(after.hours * 3600)} cannot tell from ${spellShare(remaining)} of the old rate; ${need}.`;
    }
  }
}

/** Whole hours, never fewer than are needed. */
const spellHoursUp = (hours: number): string =>
  hours < 1
    ? `${Math.ceil(hours * 60)} min`
    : hours < 72
      ? `${Math.ceil(hours)} hours`
      : `${Math.ceil(hours / 24)} days`;

/** What the sentence is about: of those with the answer, the fastest. */
function leadOf(deciding: readonly Compared[], outcome: VerifyOutcome): Compared | undefined {
  return deciding
    .filter((c) => c.result.outcome === outcome)
    .toSorted((a, b) => b.before.perHour - a.before.perHour)[0];
}

function quantityOf(compared: Compared, decides: boolean): VerifiedQuantity {
  const { track, before, after, result } = compared;
  const { outcome, left, moreHours, moreHosts } = result;
  return {
    ...nameView(track),
    layer: layerOf(track),
    before: rateView(before),
    after: rateView(after),
    left: {
      value: digits(left.value),
      ...(Number.isFinite(left.low) ? { low: digits(left.low) } : {}),
      ...(Number.isFinite(left.high) ? { high: digits(left.high) } : {}),
    },
    outcome,
    ...(moreHours === undefined ? {} : { moreHours: digits(moreHours) }),
    ...(moreHosts === undefined ? {} : { moreHosts }),
    decides,
  };
}

const digits = (n: number): number => Number(n.toPrecision(3));

function nameView({ kind, name }: Named): {
  readonly kind: 'bucket' | 'cache';
  readonly name: string;
  readonly label?: string;
} {
  const label = kind === 'cache' ? undefined : (BUCKETS[name]?.label ?? name);
  return { kind: kind === 'cache' ? 'cache' : 'bucket', name, ...(label === undefined ? {} : { label }) };
}

const labelOf = (track: Named): string => (track.kind === 'cache' ? track.name : (nameView(track).label ?? track.name));

function layerOf({ kind, name }: Named): Layer {
  if (kind === 'cache') return isReclaimableCache(name) ? 'slab-reclaimable' : 'slab-unreclaimable';
  return kind === 'unexplained' ? 'page-allocator' : (BUCKETS[name]?.layer ?? 'none');
}

function rateView(rate: JoinedRate): Rate {
  const { low, high } = rateInterval(rate);
  return { bytesPerHour: Math.round(rate.perHour), low: Math.round(low), high: Math.round(high) };
}
