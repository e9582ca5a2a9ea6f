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

const INTRODUCTION = `# Benchmarks

Measured by \`npm run bench\` (one part: \`npm run bench -- text\`, \`npm run bench -- dumps\`) on what is built, each run a process
of its own, from its start to its end. The time is the median, with the fastest and the slowest run behind it; the peak is
the largest resident set of any run (VmHWM).
`;

/** The parts of the page, in their order; each is measured on its own, and says on what machine. */
export const PARTS = ['Text and archives', 'Crash dumps'] as const;
export type Part = (typeof PARTS)[number];

/** docs/benchmarks.md: `old` as it was, with the parts that were measured in place of their like. */
export function renderPage(old: string, measured: ReadonlyMap<Part, string>): string {
  const sections = new Map(
    old
      .split(/^## /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n')).trim()] as const),
  );
  const parts = PARTS.flatMap((part) => {
    const text = measured.get(part) ?? sections.get(part);
    return text === undefined ? [] : [`\n## ${part}\n\n${text.trim()}\n`];
  });
  return [INTRODUCTION, ...parts].join('');
}

export function renderTextPart(machine: readonly string[], rows: readonly Row[]): string {
  return `${bullets(machine)}

${renderTable([
  ['what', 'runs', 'time', 'fastest – slowest', 'target', 'peak', 'target', ''],
  ...rows.map(({ what, target, measurement: m, textBytes }) => [
    textBytes === undefined ? what : `${what}; ${Math.round(textBytes / MB / (m.medianMs / 1000))} MB/s`,
    ...measured(m, target),
    judge(target, m),
  ]),
])}

Inputs are made by \`bench/inputs.ts\` and are the same in every run: a snapshot is a folder of 13 files of /proc (43 kB). The
thousand are one a minute, with counters that move and one cache that grows by 400 objects a minute. The archive holds, hour
by hour, OSWatcher's files of meminfo and of slabinfo (157 caches), a sample every 30 seconds behind its \`zzz ***\` line.
`;
}

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** The cells of a measurement: runs, time, spread, target, peak, target. */
export const measured = (m: Measurement, target: Row['target']): readonly string[] => [
  String(m.runs),
  spellTime(m.medianMs),
  m.runs === 1 ? '' : `${spellTime(m.fastestMs)} – ${spellTime(m.slowestMs)}`,
  target.milliseconds === undefined ? '' : `≤ ${spellTime(target.milliseconds)}`,
  m.peakBytes === undefined ? '' : spellSize(m.peakBytes),
  target.peakBytes === undefined ? '' : `≤ ${spellSize(target.peakBytes)}`,
];

/** As prettier lays tables out; the first line is the head. */
export function renderTable(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (parts: readonly string[]): string =>
    `| ${parts.map((part, column) => part.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** `met`, or what was missed; nothing where there is no target. */
export function judge({ milliseconds, peakBytes }: Row['target'], m: Measurement): string {
  if (milliseconds === undefined && peakBytes === undefined) return '';
  const slow = milliseconds !== undefined && m.medianMs > milliseconds;
  const large = peakBytes !== undefined && (m.peakBytes ?? Infinity) > peakBytes;
  return slow || large ? `**missed**${slow ? ' in time' : ''}${large ? ' in memory' : ''}` : 'met';
}

export const spellTime = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

const spellSize = (bytes: number): string => `${Math.round(bytes / MB)} MB`;
