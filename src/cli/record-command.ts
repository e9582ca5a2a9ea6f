import type { Command } from 'commander';
import { defaultStore } from './default-store.ts';
import { durationOption } from './duration.ts';
import { readToken } from './given-secret.ts';
import { escapeLine } from './output.ts';

interface Options {
  readonly db?: string;
  /** Seconds, as the next. */
  readonly interval: number;
  readonly retention: number;
  readonly once?: boolean;
  readonly push?: string;
  readonly pushTokenFile?: string;
  readonly pushName?: string;
  readonly verbose?: boolean;
}

const DAY = 86_400;
/** Seconds. The largest processes are looked at about this often, whatever the interval: adding up their shares costs most. */
const PROCESSES_EVERY = 600;

/** `kleak record`: the daemon. Its words go to standard error, one line each. */
export function addRecord(program: Command): void {
  program
    .command('record')
    .summary('sample this host into a local database, for trend')
    .description(
      'Samples this host until it is stopped: the equation’s buckets, slab caches, the largest processes, and what changes (modules, services, packages, drivers). kleak trend reads it, also meanwhile.',
    )
    .option('--db <file>', 'the database (default: /var/lib/kleak/samples.db, or the user’s state folder)')
    .addOption(
      durationOption('--interval <time>', 'from one sample to the next', { preset: '10s', least: 0.05, most: DAY }),
    )
    .addOption(
      durationOption('--retention <time>', 'how long samples are kept, thinned with age', {
        preset: '90d',
        least: 3600,
        most: 3650 * DAY,
      }),
    )
    .option('--once', 'one sample, and done')
    .option('--push <url>', 'a kleak server that is sent what is recorded (kleak serve)')
    .option('--push-token-file <file>', 'a file with the token that it wants')
    .option('--push-name <name>', 'what it calls this host (default: its host name)')
    .option('--verbose', 'a line for every sample that is on the disk')
    .action(async (given: Options) => {
      const { record } = await import('../pipeline/live/record.ts');
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
      const { notifySocket, path } = { notifySocket: process.env['NOTIFY_SOCKET'], path: process.env['PATH'] };
      const { held } = await record({
        file: given.db ?? defaultStore(),
        interval: given.interval * 1000,
        keep: given.retention * 1000,
        processes: Math.max(1, Math.round(PROCESSES_EVERY / given.interval)),
        once: given.once === true,
        ...(given.push !== undefined && {
          push: {
            address: given.push,
            ...(given.pushTokenFile !== undefined && { token: readToken(given.pushTokenFile, '--push-token-file') }),
            ...(given.pushName !== undefined && { host: given.pushName }),
          },
        }),
        signal: stop.signal,
        tell: (line) => process.stderr.write(`kleak record: ${escapeLine(line)}\n`),
        ...(given.verbose === true && {
          turned: (turn) =>
            process.stdout.write(
              turn.state === 'written' ? `sample ${turn.at} written\n` : `sample not written: ${turn.state}\n`,
            ),
        }),
        ...(notifySocket !== undefined && { notifySocket }),
        ...(path !== undefined && { path }),
      });
      // A thread that waits for a file that hangs cannot be ended; everything is written and closed by now.
      if (held) process.kill(process.pid, 'SIGKILL');
    });
}
