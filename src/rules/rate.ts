import type { Rate } from '../findings/finding.ts';
import { spellBytes, spellRate } from '../base/spelling.ts';
import type { Growth, GrowthFacts } from '../model/facts.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A growth's rate for a finding, with the time until memory is used up where the interval allows saying so. */
export function rateOf(growth: Growth, snapshot: Snapshot): { readonly rate?: Rate } {
  const perHour = growth.perHour;
  if (!perHour) return {};
  const left = hoursLeft(perHour.low ?? perHour.value, perHour.value, snapshot);
  return {
    rate: {
      bytesPerHour: Math.round(perHour.value),
      ...(perHour.low === undefined ? {} : { low: Math.round(perHour.low) }),
      ...(perHour.high === undefined ? {} : { high: Math.round(perHour.high) }),
      ...left,
    },
  };
}

/** What is available over the slope. Refused where the interval holds zero: then no end is in sight. */
function hoursLeft(low: number, value: number, { counters, time }: Snapshot): Pick<Rate, 'hoursLeft' | 'exhaustion'> {
  const available = counters.get('MemAvailable') ?? counters.get('MemFree');
  if (!available || low <= 0 || value <= 0) return {};
  const hours = available.bytes / value;
  const at = time?.clock === 'epoch' ? new Date((time.seconds + hours * 3600) * 1000) : undefined;
  return {
    hoursLeft: Number(hours.toPrecision(3)),
    ...(at && !Number.isNaN(at.getTime()) ? { exhaustion: at.toISOString() } : {}),
  };
}

/**
 * The least part of what was there that must be added for a growth to be one. Small parts count only where nearly
 * every sample of many, over hours, is above the one before.
 */
export function leastPart({ samples, trend, perHour }: Growth, { spanSeconds = 0 }: GrowthFacts): number {
  const steady = samples >= 12 && trend > 0.9 && spanSeconds >= 6 * 3600 && (perHour?.low ?? 0) > 0;
  return steady ? 0.02 : 0.15;
}

/** `grew by 9.1 MiB (from 256 to 300,032 objects)`, and the rate where there is one. */
export function spellGrowth(growth: Growth): string {
  const objects = growth.objects
    ? ` (${growth.objects.first.toLocaleString('en')} → ${growth.objects.last.toLocaleString('en')} objects)`
    : '';
  const rate = growth.perHour ? `, ${spellRate(growth.perHour.value)}` : '';
  return `${spellBytes(growth.first)} → ${spellBytes(growth.last)}${objects}${rate}`;
}

/** The rate alone: what is given back under pressure does not use memory up. */
export function withoutEnd({ rate }: { readonly rate?: Rate }): { readonly rate?: Rate } {
  if (!rate) return {};
  const { hoursLeft: _, exhaustion: __, ...rest } = rate;
  return { rate: rest };
}

/** What came to be so many times what it was, by so many objects, is told although it is below the gate. */
const MANIFOLD = 8;
const LEAST_OBJECTS = 1000;

/** Many times what it was, though little yet: no growth to be sure of, and no rest either. */
export function sprouts(cache: GrowthFacts['caches'][number], growth: GrowthFacts): boolean {
  const change = cache.last - cache.first;
  const added = cache.objects ? cache.objects.last - cache.objects.first : 0;
  return (
    !cache.reclaimable &&
    change < growth.gate &&
    change >= growth.gate / 4 &&
    cache.last >= cache.first * MANIFOLD &&
    added >= LEAST_OBJECTS &&
    cache.trend > 0.5
  );
}
