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

export function divideHosts(hosts: readonly HostTrend[]): Cohorts {
  const known = hosts.filter(({ strongest }) => strongest !== undefined);
  const stands = standing(
    known.map(({ strongest }) => strongest?.chance ?? 1),
    FALSE_RATE,
  );
  const leaks = known.map((host, i) => stands[i] === true && (host.strongest?.chance ?? 1) < 1);
  return {
    leaking: known.filter((_, i) => leaks[i]),
    healthy: known.filter((_, i) => leaks[i] !== true),
    untold: hosts.filter(({ strongest }) => strongest === undefined),
  };
}
