/**
 * Made-up fleets with known truth: `node bench/fleet.ts [FLEETS [HOSTS [SEED]]]`. Prints what was found of the leaking hosts, what
 * was called leaking wrongly, how often the attribute at fault came first, and time and memory. SEED is the first of the seeds, 1 where it is not given.
 */
import { cpus } from 'node:os';
import { resourceUsage } from 'node:process';
import { separate } from '../src/analysis/fleet/separate.ts';
import { tabulate } from '../src/analysis/fleet/exposures.ts';
import { measureHostTrend } from '../src/analysis/fleet/host-trend.ts';
import { divideHosts } from '../src/analysis/fleet/leaking-hosts.ts';
import type { HostTrend } from '../src/model/fleet.ts';
import { makeFleet, type Cause, type MadeHost } from '../testkit/fleet-simulator.ts';

const [fleets = 40, hosts = 1000, first = 1] = process.argv.slice(2).map(Number);
const STEP = 21_600;
const CAUSES: readonly Cause[] = ['single', 'single', 'pair', 'unrelated', 'none'];

interface Score {
  leaking: number;
  found: number;
  healthy: number;
  wrong: number;
  fleets: number;
  right: number;
}
const scores = new Map<Cause, Score>();
let analysed = 0;

for (let seed = first; seed < first + fleets; seed++) {
  const cause = CAUSES[seed % CAUSES.length] ?? 'single';
  const fleet = makeFleet({ seed, hosts, days: 30, step: STEP, cause });
  const truth = new Map<string, MadeHost['leaks']>();
  const trends: HostTrend[] = [];
  for (const { host, leaks } of fleet.hosts()) {
    truth.set(host.name, leaks);
    const start = performance.now();
    trends.push(measureHostTrend(host, fleet.grid));
    analysed += performance.now() - start;
  }
  const start = performance.now();
  const cohorts = divideHosts(trends);
  const { found } = separate(tabulate(cohorts, STEP));
  analysed += performance.now() - start;
  const score = scores.get(cause) ?? { leaking: 0, found: 0, healthy: 0, wrong: 0, fleets: 0, right: 0 };
  scores.set(cause, score);
  const named = new Set(cohorts.leaking.map(({ name }) => name));
  for (const [name, leaks] of truth) {
    if (leaks === 'yes') score.leaking++;
    if (leaks === 'no') score.healthy++;
    if (!named.has(name)) continue;
    if (leaks === 'yes') score.found++;
    if (leaks === 'no') score.wrong++;
  }
  const best = [...(found[0]?.exposure.attributes ?? [])].toSorted().join(' + ');
  score.fleets++;
  if (best === fleet.truth.join(' + ')) score.right++;
  else if (process.env['KLEAK_DEBUG'] !== undefined)
    process.stdout.write(
      `${seed} ${cause}: ${fleet.truth.join(' + ')} not ${found[0]?.exposure.label ?? 'nothing'} ${JSON.stringify(found[0]?.counts)} leaking ${named.size}\n`,
    );
}
process.stdout.write(
  `${cpus()[0]?.model ?? '?'}, Node ${process.version}, ${fleets} fleets of ${hosts} hosts, seeds ${first} to ${first + fleets - 1}\n`,
);
for (const [cause, { leaking, found, healthy, wrong, fleets: all, right }] of scores)
  process.stdout.write(
    `${cause.padEnd(10)} found ${found} of ${leaking} (${((100 * found) / Math.max(1, leaking)).toFixed(1)} %), wrong ${wrong} of ${healthy} (${((100 * wrong) / Math.max(1, healthy)).toFixed(2)} %), right first in ${right} of ${all}\n`,
  );
process.stdout.write(
  `analysis ${(analysed / 1000).toFixed(1)} s, ${((analysed / fleets / hosts) * 1000).toFixed(0)} µs a host; peak ${(resourceUsage().maxRSS / 1024).toFixed(0)} MB\n`,
);
