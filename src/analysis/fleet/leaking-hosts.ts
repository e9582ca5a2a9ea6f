import type { HostTrend } from '../../model/fleet.ts';
import { standing } from './chance.ts';

/** Hosts by how their memory goes. `untold`: too few days to tell. */
export interface Cohorts {
  readonly leaking: readonly HostTrend[];
  readonly healthy: readonly HostTrend[];
  readonly untold: readonly HostTrend[];
}

/** Of those called leaking, how many may be so by chance. */
const FALSE_RATE = 0.005;
/** Less of RAM a day is nobody's trouble within a year, and every counter's drift. */
const LEAST_A_DAY = 0.0003;
/** It has to have grown by so much of RAM while it was watched. */
const LEAST_GROWTH = 0.005;

export function divideHosts(hosts: readonly HostTrend[]): Cohorts {
  const known = hosts.filter(({ strongest }) => strongest !== undefined);
  const stands = standing(
    known.map(({ strongest }) => strongest?.chance ?? 1),
    FALSE_RATE,
  );
  const leaks = known.map((host, i) => stands[i] === true && isWorthwhile(host));
  return {
    leaking: known.filter((_, i) => leaks[i]),
    healthy: known.filter((_, i) => leaks[i] !== true),
    untold: hosts.filter(({ strongest }) => strongest === undefined),
  };
}

function isWorthwhile({ strongest, totalBytes }: HostTrend): boolean {
  const { perDay = 0, days = 0 } = strongest ?? {};
  return perDay >= LEAST_A_DAY * totalBytes && perDay * days >= LEAST_GROWTH * totalBytes;
}
