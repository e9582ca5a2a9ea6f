import { spellDuration } from '../../src/base/spelling.ts';
import type { TraceDocument } from '../../src/findings/trace.ts';
import { parseDocument } from '../evaluate/parse-document.ts';
import type { Times } from './guest-script.ts';
import type { Judged } from './judge-live.ts';
import type { GuestRun } from './run-guest.ts';

export interface JudgedRun {
  readonly run: GuestRun;
  readonly judged: readonly Judged[];
}

const LONGEST = 170;

/** The part of docs/lab.md that the last run wrote. */
export function renderLab(runs: readonly JudgedRun[], times: Times, machine: string, when: string): string {
  const all = runs.flatMap(({ judged }) => judged);
  const right = all.filter((j) => j.right).length;
  const healthy = runs.filter(({ run }) => !run.scenario.grows);
  const alarms = healthy.flatMap(({ judged }) => judged.filter((j) => !j.right));
  return [
    `${when}, ${machine}. ${runs.length} guests, each watched for ${spellDuration(times.watched)} (trace ${spellDuration(times.traced)}, a sample every ${spellDuration(times.interval)}): ${right} of ${all.length} answers right; ${alarms.length} false alarms or missing answers in ${healthy.length} healthy guests.`,
    '',
    '| kernel | case | asked | right | what kleak said |',
    '| --- | --- | --- | --- | --- |',
    ...runs.flatMap(({ run, judged }) =>
      judged.map(
        (j) =>
          `| ${run.release === '' ? run.kernel : run.release} | ${run.scenario.name} | ${j.what} | ${j.right ? 'yes' : '**no**'} | ${cell(j.said)} |`,
      ),
    ),
    '',
    '| kernel | case | events a second | nanoseconds an event | reader, share of a CPU | lost |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...runs.flatMap(({ run }) => overheadRow(run)),
    '',
    'These costs are those of emulated machines; docs/trace.md has those of a real one.',
  ].join('\n');
}

function overheadRow(run: GuestRun): readonly string[] {
  const text = run.text('trace.json') ?? '';
  if (text === '') return [];
  const { overhead, events, seconds } = parseDocument<TraceDocument>(text, 'sites');
  if (!overhead) return [];
  const share = ((overhead.readerCpuSeconds / seconds) * 100).toFixed(0);
  const each = overhead.nanosecondsPerEvent?.toFixed(0) ?? '–';
  return [
    `| ${run.release} | ${run.scenario.name} | ${overhead.eventsPerSecond.toFixed(0)} | ${each} | ${share} % | ${events?.lost ?? 0} |`,
  ];
}

const cell = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};
