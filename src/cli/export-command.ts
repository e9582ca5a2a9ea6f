import { InvalidArgumentError, Option, type Command } from 'commander';
import type { HostMetrics } from '../findings/host-metrics.ts';
import type { Address } from '../pipeline/export/serve-metrics.ts';
import { durationOption } from './duration.ts';
import { escapeLine, writeOut } from './output.ts';

interface Options {
  readonly listen?: Address;
  readonly textfile?: string;
  readonly once?: boolean;
  /** Seconds, as the next two. */
  readonly interval: number;
  readonly lookEvery: number;
  readonly window: number;
  readonly nodeNames: 'none' | 'clean' | 'all';
  readonly root?: string;
  readonly redact?: boolean;
}

const DAY = 86_400;
const HERE: Address = { host: '127.0.0.1', port: 9999 };

/** `kleak export`: what kleak knows of this host, for Prometheus. Its own words go to standard error. */
export function addExport(program: Command, version: string): void {
  program
    .command('export')
    .summary('metrics of this host for Prometheus: an endpoint, or a file')
    .description(
      'Offers the memory equation of this host, growing caches and the verdict to Prometheus until it is stopped: at http://127.0.0.1:9999/metrics, or in a file for node_exporter. It samples on its own interval; a scrape reads nothing.',
    )
    .addOption(
      new Option(
        '--listen <address>',
        'where to answer (default: 127.0.0.1:9999; without it where --textfile is given)',
      ).argParser(parseAddress),
    )
    .option('--textfile <file>', 'write them to a file of node_exporter’s textfile folder, named *.prom')
    .option('--once', 'one sample: to the file, or to standard output')
    .addOption(
      durationOption('--interval <time>', 'from one sample to the next', { preset: '15s', least: 1, most: DAY }),
    )
    .addOption(
      durationOption('--look-every <time>', 'from one whole look to the next: verdict and versions', {
        preset: '10m',
        least: 10,
        most: DAY,
      }),
    )
    .addOption(
      durationOption('--window <time>', 'how long back growth is measured', {
        preset: '1d',
        least: 600,
        most: 30 * DAY,
      }),
    )
    .addOption(
      new Option('--node-names <which>', 'names of node_exporter beside kleak’s own, over HTTP only')
        .choices(['none', 'clean', 'all'])
        .default('clean'),
    )
    .option('--redact', 'labels without names of hosts and users, addresses, paths in homes')
    .option('--root <dir>', 'where the host’s /proc and /sys are, seen from a container')
    .action((given: Options) => run(given, version));
}

async function run(given: Options, version: string): Promise<void> {
  const { InputError } = await import('../pipeline/errors.ts');
  const { Exporter } = await import('../pipeline/export/exporter.ts');
  const { serveMetrics } = await import('../pipeline/export/serve-metrics.ts');
  const { writeTextfile } = await import('../pipeline/export/write-textfile.ts');
  const { METRICS_TYPE, renderMetrics } = await import('../report/metrics.ts');
  const tell = (line: string): void => void process.stderr.write(`kleak export: ${escapeLine(line)}\n`);
  const { textfile, once } = given;
  const redactor =
    given.redact === true
      ? await (await import('../pipeline/redact/redact-document.ts')).MetricsRedactor.ofHost(given.root)
      : undefined;
  const exporter = new Exporter({
    root: given.root?.replace(/\/+$/, '') ?? '',
    interval: given.interval * 1000,
    lookEvery: given.lookEvery * 1000,
    window: given.window,
    version,
    tell,
  });
  const metrics = (): HostMetrics => redactor?.redact(exporter.metrics) ?? exporter.metrics;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const save = async (): Promise<void> => {
    if (textfile !== undefined) writeTextfile(textfile, await renderMetrics(metrics(), { nodeNames: 'none' }));
  };
  if (once === true) {
    await exporter.turn(stop.signal);
    if (!exporter.metrics.memory) throw new InputError('this host', 'gave no account of its memory', 'mount /proc');
    if (textfile === undefined)
      await writeOut(await renderMetrics(metrics(), { nodeNames: given.nodeNames }), undefined);
    else await save();
  } else {
    const address = given.listen ?? (textfile === undefined ? HERE : undefined);
    const answer = (): Promise<string> => renderMetrics(metrics(), { nodeNames: given.nodeNames });
    const served = address === undefined ? undefined : await serveMetrics(address, METRICS_TYPE, answer);
    if (served) tell(`answers at http://${spell(served.address)}/metrics`);
    // The first is written before anything is said to run: what cannot be written at all ends it with one line.
    await exporter.turn(stop.signal);
    await save();
    await exporter.run(stop.signal, () => save().catch((cause: unknown) => exporter.tell(messageOf(cause))));
    await served?.close();
  }
  // A thread that waits for a file that hangs cannot be ended; everything is written and closed by now.
  if (exporter.held) process.kill(process.pid, 'SIGKILL');
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
const spell = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** `127.0.0.1:9999`, `[::1]:9999`, `localhost:0`. */
function parseAddress(text: string): Address {
  const [, six, four, digits] = /^(?:\[([0-9a-fA-F:.%\w]{1,60})\]|([\w.-]{1,253})):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535)) throw new InvalidArgumentError('give HOST:PORT, as 127.0.0.1:9999');
  return { host, port };
}
