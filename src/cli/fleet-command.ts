import type { Command } from 'commander';
import { durationOption } from './duration.ts';
import { readToken } from './given-secret.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';

interface Options {
  readonly metrics: string;
  /** Seconds, as the next two. */
  readonly since: number;
  readonly step: number;
  readonly timeout: number;
  readonly hostLabel: string;
  readonly tokenFile?: string;
  readonly beside?: readonly string[];
  readonly json?: boolean;
  readonly output?: string;
  readonly nagios?: boolean;
  readonly all?: boolean;
  readonly redact?: boolean;
}

/** `kleak fleet --metrics URL`. */
export function addFleet(program: Command, outcome: Outcome): void {
  program
    .command('fleet')
    .summary('which hosts of a metrics server leak, since when, and what they have in common')
    .description(
      'Asks a Prometheus, or what speaks like it (VictoriaMetrics, Thanos, Mimir), how the memory of its hosts went. node_exporter’s metrics are enough; kleak export adds caches and versions.',
    )
    .requiredOption('--metrics <url>', 'the server: http://HOST:PORT, with the path before /api/v1 where there is one')
    .addOption(durationOption('--since <time>', 'how far back', { preset: '30d', least: 86_400, most: 3650 * 86_400 }))
    .addOption(
      durationOption('--step <time>', 'from one sample to the next', { preset: '6h', least: 60, most: 7 * 86_400 }),
    )
    .addOption(durationOption('--timeout <time>', 'for one query', { preset: '60s', least: 1, most: 3600 }))
    .option('--host-label <label>', 'the label that tells hosts apart', 'instance')
    .option('--token-file <file>', 'a file with the token that the server wants')
    .option('--beside <host...>', 'set this host beside the healthy ones most like it')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--nagios', 'exit 0, 1, 2, 3 for OK, WARNING, CRITICAL, UNKNOWN')
    .option('--all', 'every host in full')
    .option('--redact', 'without names of hosts and of the server')
    .action(async (given: Options) => {
      const { diagnoseFleet } = await import('../pipeline/fleet/diagnose-fleet.ts');
      const line = terminalLine(process.stderr);
      const asked = await diagnoseFleet(given.metrics, {
        days: given.since / 86_400,
        step: given.step,
        timeLimit: given.timeout * 1000,
        hostLabel: given.hostLabel,
        ...(given.beside && { beside: given.beside }),
        ...(given.tokenFile !== undefined && { token: readToken(given.tokenFile, '--token-file') }),
        progress: (done, total) => line.show(`asking about hosts: ${done} of ${total}`),
      }).finally(() => line.clear());
      const fleet =
        given.redact === true ? (await import('../pipeline/redact/redact-document.ts')).redactFleet(asked) : asked;
      const { renderFleet } = await import('../report/fleet/fleet-text.ts');
      const text =
        given.json === true ? `${JSON.stringify(fleet, undefined, 2)}\n` : renderFleet(fleet, given.all === true);
      await writeOut(text, given.output);
      outcome.status = exitStatus(fleet.verdict, given.nagios === true);
    });
}
