import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { spellBytes } from '../base/spelling.ts';
import type { SnapshotReport } from '../findings/host-snapshot.ts';
import { escapeLine } from './output.ts';
import { terminalLine } from './progress.ts';

interface Options {
  readonly json?: boolean;
  readonly output?: string;
  readonly redact?: boolean;
  readonly kallsyms?: boolean;
  readonly root?: string;
}

/** `kleak snapshot`: what this host says of its memory, in one archive. */
export function addSnapshot(program: Command, version: string): void {
  program
    .command('snapshot')
    .summary('collect what diagnose reads from this host into one archive')
    .description(
      'Collects from this host everything that diagnose can use into one archive. It only reads, and leaves nothing but that file.',
    )
    .option('-o, --output <file>', 'where to write: .tar.gz or .tar.zst, or - for standard output')
    .option('--redact', 'take out names of hosts and users, addresses, command lines, serial numbers')
    .option('--kallsyms', 'with the kernel’s symbols (10 MB before packing)')
    .option('--root <dir>', 'where the host’s /proc, /sys and /dev are, seen from a container')
    .option('--json', 'print the manifest as JSON')
    .action((given: Options) => snapshot(given, version));
}

async function snapshot(given: Options, version: string): Promise<void> {
  const { takeSnapshot } = await import('../pipeline/snapshot/take-snapshot.ts');
  const { renderSnapshot } = await import('../report/host-snapshot.ts');
  const line = terminalLine(process.stderr);
  let partial: string | undefined;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (signal: NodeJS.Signals): void => {
    line.clear();
    if (partial !== undefined) rmSync(partial, { force: true });
    for (const one of signals) process.removeListener(one, stop);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, stop);
  let report: SnapshotReport;
  try {
    report = await takeSnapshot({
      version,
      ...(given.output === undefined ? {} : { file: given.output }),
      ...(given.root === undefined ? {} : { root: given.root.replace(/\/+$/, '') }),
      redact: given.redact === true,
      kallsyms: given.kallsyms === true,
      progress: (path, bytes) => line.show(`reading /${escapeLine(path)}: ${spellBytes(bytes)} written`),
      began: (name) => (partial = name),
    });
  } finally {
    line.clear();
    for (const signal of signals) process.removeListener(signal, stop);
  }
  const text = given.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : renderSnapshot(report);
  // The archive itself has standard output, where it was asked for.
  (report.file === '-' ? process.stderr : process.stdout).write(text);
}
