import type { HostTrend } from '../../model/fleet.ts';
import { changesOf } from './exposures.ts';

/** Whether leaks began when hosts came to what separates them. */
export interface Onsets {
  readonly attribute: string;
  /** Leaking hosts whose change to the attribute's value is within the time watched. */
  readonly changed: number;
  /** Of these, whose leak began within two days of it. */
  readonly aligned: number;
  /** Median of onset less change, in days. */
  readonly lagDays?: number;
}

const DAY = 86_400;
const NEAR_DAYS = 2;

export function alignOnsets(leaking: readonly HostTrend[], attribute: string, step: number): Onsets {
  const lags: number[] = [];
  for (const host of leaking) {
    const onset = host.strongest?.onset;
    const changes = changesOf(host, attribute);
    if (changes.length === 0) continue;
    const near = changes
      .map(({ from }) => (((onset ?? 0) - from) * step) / DAY)
      .toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
    if (near !== undefined) lags.push(near);
  }
  const middle = lags.toSorted((a, b) => a - b)[lags.length >> 1];
  return {
    attribute,
    changed: lags.length,
    aligned: lags.filter((lag) => Math.abs(lag) <= NEAR_DAYS).length,
    ...(middle === undefined ? {} : { lagDays: middle }),
  };
}
