import type { Measurement } from './measure.ts';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly target: { readonly milliseconds?: number; readonly peakBytes?: number };
  readonly measurement: Measurement;
  /** Decompressed text that was read, where a speed is wanted. */
  readonly textBytes?: number;
}

const MB = 1e6;

/** docs/benchmarks.md. */
export function renderPage(machine: readonly string[], rows: readonly Row[]): string {
  return `# Benchmarks

Measured by \`npm run bench\` on what is built, each run a process of its own, from its start to its end. The time is the
median, with the fastest and the slowest run behind it; the peak is the largest resident set of any run (VmHWM). Inputs
are made by \`bench/inputs.ts\` and are the same in every run.

${machine.map((part) => `- ${part}`).join('\n')}

${table(rows)}

What the inputs are: a snapshot is a folder of 13 files of /proc (43 kB). The thousand are one a minute, with counters
that move and one cache that grows by 400 objects a minute. The archive holds, hour by hour, OSWatcher's files of meminfo
and of slabinfo (157 caches), a sample every 30 seconds behind its \`zzz ***\` line.
`;
}

function table(rows: readonly Row[]): string {
  const cells = [
    ['what', 'runs', 'time', 'fastest – slowest', 'target', 'peak', 'target', ''],
    ...rows.map(({ what, target, measurement: m, textBytes }) => [
      textBytes === undefined ? what : `${what}; ${Math.round(textBytes / MB / (m.medianMs / 1000))} MB/s`,
      String(m.runs),
      spellTime(m.medianMs),
      `${spellTime(m.fastestMs)} – ${spellTime(m.slowestMs)}`,
      target.milliseconds === undefined ? '' : `≤ ${spellTime(target.milliseconds)}`,
      m.peakBytes === undefined ? '' : spellSize(m.peakBytes),
      target.peakBytes === undefined ? '' : `≤ ${spellSize(target.peakBytes)}`,
      judge(target, m),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (parts: readonly string[]): string =>
    `| ${parts.map((part, column) => part.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function judge({ milliseconds, peakBytes }: Row['target'], m: Measurement): string {
  if (milliseconds === undefined && peakBytes === undefined) return '';
  const slow = milliseconds !== undefined && m.medianMs > milliseconds;
  const large = peakBytes !== undefined && (m.peakBytes ?? Infinity) > peakBytes;
  return slow || large ? `**missed**${slow ? ' in time' : ''}${large ? ' in memory' : ''}` : 'met';
}

const spellTime = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

const spellSize = (bytes: number): string => `${Math.round(bytes / MB)} MB`;
