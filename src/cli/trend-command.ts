import { Option, type Command } from 'commander';
import { defaultStore } from './default-store.ts';
import { durationOption } from './duration.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { progressLine } from './progress.ts';

interface Options {
  readonly json?: boolean;
  readonly format?: 'text' | 'html' | 'json';
  readonly output?: string;
  /** Seconds. */
  readonly last: number;
  readonly all?: boolean;
  readonly ascii?: boolean;
  readonly color?: boolean;
  readonly nagios?: boolean;
}

const DECADE = 10 * 365 * 86_400;

/** `kleak trend`: rates, jumps, what changed then, and how long memory lasts. */
export function addTrend(program: Command, outcome: Outcome): void {
  program
    .command('trend')
    .summary('what grows, how fast, since when, and when memory is used up')
    .description(
      'Rates with their interval, jumps and bends with what changed on the host at that moment, the floor of a saw-tooth, time until memory is used up. Reads what kleak record writes, or copies of /proc files in order of time.',
    )
    .argument('[input...]', 'a database of samples, or folders of copies of /proc (nothing: this host’s recording)')
    .addOption(
      durationOption('--last <time>', 'only the last part of the recording', {
        preset: '3650d',
        least: 1,
        most: DECADE,
      }),
    )
    .option('--json', 'print the document as JSON')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'html', 'json']))
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--nagios', 'exit 0, 1, 2, 3 for OK, WARNING, CRITICAL, UNKNOWN')
    .option('--all', 'every quantity with its picture, every event')
    .option('--ascii', 'no characters beyond ASCII in the text')
    .option('--no-color', 'no colour')
    .action((inputs: string[], given: Options) => look(inputs, given, outcome));
}

async function look(inputs: readonly string[], given: Options, outcome: Outcome): Promise<void> {
  const { trend } = await import('../pipeline/trend/trend.ts');
  const progress = progressLine(process.stderr);
  const document = await trend(inputs.length > 0 ? inputs : [defaultStore()], {
    progress: progress.show,
    since: Date.now() - given.last * 1000,
  }).finally(() => progress.clear());
  await writeOut(await render(), given.output);
  outcome.status = exitStatus(document.verdict, given.nagios === true);

  async function render(): Promise<string> {
    switch (given.json === true ? 'json' : (given.format ?? 'text')) {
      case 'json':
        return (await import('../report/trend/json.ts')).renderTrendJson(document);
      case 'html': {
        const { renderTrendHtml } = await import('../report/trend/html.ts');
        return renderTrendHtml(document);
      }
      case 'text': {
        const { renderTrendText } = await import('../report/trend/text.ts');
        const toTerminal = given.output === undefined && process.stdout.isTTY;
        return renderTrendText(document, {
          colour: toTerminal && given.color !== false && (process.env['NO_COLOR'] ?? '') === '',
          width: toTerminal ? Math.min(140, process.stdout.columns) : 80,
          ascii: given.ascii === true,
          all: given.all === true,
        });
      }
    }
  }
}
