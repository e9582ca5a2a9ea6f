import type { Command } from 'commander';
import type { WatchState } from '../findings/watch.ts';
import { InputError } from '../pipeline/errors.ts';
import { durationOption } from './duration.ts';
import { escapeLine, exitStatus, type Outcome } from './output.ts';

interface Options {
  readonly interval: number;
  readonly db?: string;
  readonly color?: boolean;
  readonly ascii?: boolean;
}

/** `kleak watch`: this host, live. */
export function addWatch(program: Command, outcome: Outcome): void {
  program
    .command('watch')
    .helpGroup('Watch:')
    .summary('live view of this host: where the memory is, which caches grow, how fast')
    .description('Shows where the memory of this host is and what grows, until you quit. ? lists the keys.')
    .addOption(durationOption('--interval <time>', 'between two samples', { preset: '2s', least: 0.5, most: 3600 }))
    .option('--db <file>', 'begin with what kleak record has kept there, and add marks to it')
    .option('--ascii', 'no characters beyond ASCII')
    .option('--no-color', 'no colour')
    .action((given: Options) => watch(given, outcome));
}

async function watch(given: Options, outcome: Outcome): Promise<void> {
  if (!process.stdout.isTTY || !process.stdin.isTTY)
    throw new InputError(
      'watch',
      'needs a terminal to draw on and to read keys from',
      'kleak diagnose looks once, kleak record and kleak trend --json watch without one',
    );
  // React has a slow build for development that it takes without this.
  process.env['NODE_ENV'] ??= 'production';
  const [{ HostWatch }, { showWatch }] = await Promise.all([
    import('../pipeline/watch/host-watch.ts'),
    import('./watch/watch-app.ts'),
  ]);
  const host = new HostWatch({ interval: given.interval, ...(given.db === undefined ? {} : { db: given.db }) });
  let last: WatchState | undefined;
  try {
    await showWatch({
      watch: host,
      colour: given.color !== false && (process.env['NO_COLOR'] ?? '') === '',
      ascii: given.ascii === true,
      seen: (state) => {
        last = state;
      },
    });
  } finally {
    host.close();
  }
  if (!last) return;
  outcome.status = exitStatus(last.verdict, false);
  process.stdout.write(escapeLine(await lastWords(last)) + '\n');
}

/** The screen is gone; this stays. */
async function lastWords({ verdict, early, summary }: WatchState): Promise<string> {
  const { VERDICT_WORDS } = await import('../report/words.ts');
  return `${early ? 'TOO EARLY' : VERDICT_WORDS[verdict]}  ${summary}`;
}
