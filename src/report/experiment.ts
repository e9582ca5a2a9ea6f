import type { Between, Experiment, ExperimentRow, ExperimentSeries, Suspect } from '../findings/experiment.ts';
import { grouped, plural, spellBytes, spellBytesBetween, spellHours } from './amounts.ts';
import { columnsOf, escapeTerminal } from './escape.ts';
import { clip, pad, printLines, span, words, wrap, type Line, type Style } from './text-line.ts';

export interface TextLook {
  readonly width: number;
  readonly colour: boolean;
}

/** Buckets and caches that are shown; the document has all. */
const MOST_ROWS = 12;

/** The result of one `kleak experiment`. */
export function renderExperiment(experiment: Experiment, { width, colour }: TextLook): string {
  const { act, before, after, summary, rows, unread } = experiment;
  return printLines(
    [
      ...wrap([span(`${headOf(experiment)}  `, styleOf(experiment))], words(summary, 'strong'), width),
      [],
      ...wrap([span('  did      ', 'faint')], words(actWords(act)), width),
      ...wrap([span('  before   ', 'faint')], words(beforeWords(before)), width),
      ...wrap([span('  after    ', 'faint')], words(afterWords(after)), width),
      [],
      ...table(rows.filter((r) => r.kind === 'sum' || r.sure || r.stopped).slice(0, MOST_ROWS), width),
      ...unsureLines(rows, width),
      ...unread
        .slice(0, 8)
        .flatMap(({ what, why }) => wrap([span('  not seen ', 'faint')], words(`${what}: ${why}`), width)),
    ],
    colour,
  );
}

function headOf({ outcome, stopped }: Experiment): string {
  if (stopped && outcome !== 'came-back') return 'STOPPED GROWING';
  switch (outcome) {
    case 'came-back':
      return 'CAME BACK';
    case 'grew':
      return 'GREW';
    case 'nothing':
      return 'NOTHING CAME BACK';
    case 'cannot-tell':
      return 'CANNOT TELL';
  }
}

function styleOf({ outcome, kernel, stopped }: Pick<Experiment, 'outcome' | 'kernel' | 'stopped'>): Style {
  if (stopped) return 'growth';
  if (outcome === 'came-back') return kernel ? 'growth' : 'fine';
  return outcome === 'nothing' ? 'fine' : 'unsure';
}

function actWords(act: Experiment['act']): string {
  if (act.kind === 'manual') return `by hand, ${seconds(act.seconds)}`;
  const command = (act.command ?? []).join(' ');
  if (act.failed !== undefined) return `${command}: could not be run, ${act.failed}`;
  const end = act.signal === undefined ? `exit status ${act.exitStatus ?? 0}` : `ended by ${act.signal}`;
  return `${command}: ${end}, ${seconds(act.seconds)}`;
}

const seconds = (n: number): string => spellHours(n / 3600);

function beforeWords({ samples, seconds: span, detectableBytes }: Experiment['before']): string {
  const noise =
    detectableBytes === undefined
      ? 'too few to know the noise'
      : `a change of the kernel’s memory by ${spellBytes(detectableBytes)} would be seen`;
  return `${plural(samples, 'sample')} in ${seconds(span)}; ${noise}`;
}

function afterWords({ samples, counted, seconds: span, settled }: Experiment['after']): string {
  if (samples === 0) return 'nothing was measured';
  const rest = settled
    ? `at rest in the last ${counted}, which count`
    : `still moving at the end; the last ${counted} count`;
  return `${plural(samples, 'sample')} in ${seconds(span)}; ${rest}`;
}

const nameOf = ({ kind, name, label }: ExperimentRow): string => (kind === 'cache' ? `cache ${name}` : (label ?? name));

/** `change` against the drift, with its interval; then from what to what. */
function table(rows: readonly ExperimentRow[], width: number): readonly Line[] {
  if (rows.length === 0) return [];
  const label = Math.min(
    30,
    Math.max(12, width - 50),
    Math.max(...rows.map((r) => columnsOf(escapeTerminal(nameOf(r))))),
  );
  const wide = width >= label + 72;
  const head: Line = [
    span(`  ${''.padEnd(label)}  ${'change'.padStart(10)}  ${'95 % sure'.padEnd(30)}`, 'faint'),
    span(wide ? 'before → after' : '', 'faint'),
  ];
  return [
    head,
    ...rows.map((row): Line => {
      const name = clip(nameOf(row), label);
      return [
        span(`  ${name}`, row.sure ? 'strong' : 'plain'),
        pad(label - columnsOf(name) + 2),
        span(signed(row.changeBytes.value).padStart(10), row.sure ? 'strong' : 'plain'),
        span(
          `  ${(row.sure ? '' : row.stopped ? 'stopped, ' : 'unsure, ') + intervalWords(row.changeBytes)}`.padEnd(
            wide ? 32 : 0,
          ),
          'plain',
        ),
        span(wide ? `${spellBytes(row.beforeBytes)} → ${spellBytes(row.afterBytes)}` : '', 'faint'),
      ];
    }),
  ];
}

function signed(n: number): string {
  return `${n > 0 ? '+' : ''}${spellBytes(n)}`;
}

const intervalWords = ({ low, high }: Between): string =>
  spellBytesBetween(low, high).replace(/^between (.*) and /, '$1 … ');

/** What moved, but not more than it might have by itself. */
function unsureLines(rows: readonly ExperimentRow[], width: number): readonly Line[] {
  const unsure = rows.filter((r) => r.kind !== 'sum' && !r.sure && !r.stopped).slice(0, 5);
  if (unsure.length === 0) return [];
  const list = unsure.map((r) => `${nameOf(r)} ${signed(r.changeBytes.value)} (${intervalWords(r.changeBytes)})`);
  return wrap([span('  within noise and drift: ', 'faint')], words(list.join('; ')), width, 4);
}

/** The table of suspects of `kleak experiment --list`. */
export function renderSuspects(series: ExperimentSeries, { width, colour }: TextLook): string {
  const { suspects, experiments, file, unread } = series;
  const label = Math.min(
    Math.max(12, width - 58),
    Math.max(10, ...suspects.map((s) => columnsOf(escapeTerminal(s.label)))),
  );
  return printLines(
    [
      [
        span(`${plural(experiments, 'experiment')}, ${plural(suspects.length, 'suspect')}`, 'strong'),
        span(`  ${file}`, 'faint'),
      ],
      [],
      ...(suspects.length === 0
        ? []
        : [
            [
              span(
                `   # ${'what was tried'.padEnd(label)}  ${'came back'.padStart(10)}  ${'95 % sure'.padEnd(22)}  runs`,
                'faint',
              ),
            ],
          ]),
      ...suspects.flatMap((suspect, index) => suspectLines(suspect, index + 1, label)),
      ...unread.flatMap(({ what, why }) => wrap([span('  not read ', 'faint')], words(`${what}: ${why}`), width)),
    ],
    colour,
  );
}

function suspectLines(suspect: Suspect, rank: number, label: number): readonly Line[] {
  const { outcome, kernel, stopped, runs, cameBack, backBytes, inUseBytes, mostly } = suspect;
  const back = outcome === 'came-back' ? backBytes : inUseBytes;
  const name = clip(suspect.label, label);
  const figure = outcome === 'came-back' && back ? spellBytes(-back.value) : outcome === 'nothing' ? 'nothing' : '?';
  return [
    [
      span(`${grouped(rank).padStart(4)} `),
      span(name, outcome === 'came-back' ? 'strong' : 'plain'),
      pad(label - columnsOf(name) + 2),
      span(figure.padStart(10), styleOf(suspect)),
      span(`  ${backWords(outcome, back).padEnd(22)}  `),
      span(`${cameBack} of ${runs}`),
    ],
    ...(outcome === 'came-back'
      ? [
          note(
            `${kernel ? 'the kernel’s own memory' : 'memory of programs'}${mostly === undefined ? '' : `, most in ${mostly}`}`,
          ),
        ]
      : []),
    ...(stopped ? [note('the kernel’s own memory stopped growing with it')] : []),
  ];
}

const note = (text: string): Line => [span(`     ${text}`, 'faint')];

function backWords(outcome: Suspect['outcome'], back: Between | undefined): string {
  if (!back) return '';
  if (outcome === 'came-back') return intervalWords({ value: -back.value, low: -back.high, high: -back.low });
  return `at most ${spellBytes(Math.max(0, -back.low))}`;
}
