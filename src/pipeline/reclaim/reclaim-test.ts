import { setTimeout as sleep } from 'node:timers/promises';
import { measureReclaim } from '../../analysis/experiment/reclaim.ts';
import { bytes } from '../../base/units.ts';
import type { ReclaimTest } from '../../findings/reclaim-test.ts';
import type { Sample } from '../../model/sample.ts';
import { InputError } from '../../sources/input-error.ts';
import { dropCaches, syncDisks } from '../../sources/live/drop-caches.ts';
import type { Unread } from '../../sources/source-file.ts';
import { takeSamples, type Sampling } from '../experiment/take-samples.ts';
import { HostSampler } from '../live/host-sampler.ts';
import { countSockets } from './count-sockets.ts';
import { concludeReclaim, describeRows, PLAN, RISK } from './describe-reclaim.ts';
import { findObstacles } from './obstacles.ts';

export interface ReclaimOptions {
  /** Without it nothing is changed: the document says what would be done. */
  readonly yes: boolean;
  /** Seconds before and after, and between two samples. */
  readonly settle: number;
  readonly after: number;
  readonly interval: number;
  readonly signal: AbortSignal;
  readonly progress: (what: string) => void;
  /** Where the host's /proc is; '' for the running host. */
  readonly root?: string;
}

/** Longest that is waited for what is dirty to be on disk. */
const SYNC_LIMIT = 60_000;
/** Dropping twice: what the first time was used a moment ago, or hung on what then went, goes the second time. */
const TIMES = 2;
const CACHE_THRESHOLD = bytes(128 * 1024);

/**
 * Writes what is dirty to disk, drops all caches, and measures what did not come back. Throws InputError where something
 * speaks against it, and an AbortError where it is ended before caches were dropped.
 */
export async function testReclaim(options: ReclaimOptions): Promise<ReclaimTest> {
  const { signal, yes, root = '' } = options;
  const wait = async (seconds: number): Promise<void> => {
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
  };
  const obstacles = await findObstacles(root, wait);
  signal.throwIfAborted();
  if (!yes) return planned(obstacles);
  if (obstacles.length > 0)
    throw new InputError('reclaim-test', `refused: ${obstacles.join('; ')}`, 'nothing was changed');
  const sampler = new HostSampler({ cacheThreshold: CACHE_THRESHOLD, root });
  try {
    return await perform(options, { source: sampler, interval: options.interval, signal, wait });
  } finally {
    sampler.close();
  }
}

function planned(obstacles: readonly string[]): ReclaimTest {
  const against = obstacles.length > 0 ? ` It would be refused now: ${obstacles.join('; ')}.` : '';
  return {
    schema: 'kleak.reclaim-test/1',
    performed: false,
    steps: PLAN,
    risk: RISK,
    obstacles,
    at: new Date().toISOString(),
    verdict: 'inconclusive',
    layer: 'none',
    summary: `Nothing was done: dropping caches changes this host, and takes --yes.${against}`,
    rows: [],
    next:
      obstacles.length > 0
        ? []
        : [{ command: 'kleak reclaim-test --yes', why: 'drops caches and measures', risk: 'low' }],
    unread: [],
  };
}

async function perform(options: ReclaimOptions, sampling: Sampling): Promise<ReclaimTest> {
  const { signal, settle, after, progress, root = '' } = options;
  const problems = new Map<string, Unread>();
  const before: Sample[] = [];
  await takeSamples(sampling, before, problems, settle, (s) => {
    progress(`before: ${Math.round(s)} of ${settle} s`);
    return false;
  });
  signal.throwIfAborted();
  progress('writing what is dirty to disk');
  const synced = await syncDisks(SYNC_LIMIT, signal);
  signal.throwIfAborted();
  const last = await sampling.source.sample();
  before.push(last.sample);
  progress('dropping caches');
  const at = new Date().toISOString();
  for (let i = 0; i < TIMES; i++) dropCaches(root);
  const rest: Sample[] = [];
  await takeSamples(sampling, rest, problems, after, (s) => {
    progress(`after: ${Math.round(s)} of ${after} s`);
    return false;
  });
  const facts = measureReclaim(before, rest, last.sample.uptime, await countSockets(root));
  return {
    schema: 'kleak.reclaim-test/1',
    performed: true,
    steps: [
      synced ? 'ran sync' : `ran sync, which did not end well within ${SYNC_LIMIT / 1000} s: what is dirty stayed`,
      `wrote 3 to /proc/sys/vm/drop_caches, ${TIMES} times; the kernel logs it`,
    ],
    risk: RISK,
    obstacles: [],
    at,
    ...concludeReclaim(facts, last.sample.totalBytes),
    rows: facts ? describeRows(facts) : [],
    ...(facts ? { settled: facts.settled } : {}),
    unread: [...problems.values()].map(({ what, why }) => ({ what, why })),
  };
}
