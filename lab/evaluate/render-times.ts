import type { Measured } from './measure-guest.ts';
import type { Figure } from './render-evaluation.ts';
import { TIMING, type CrashTime } from './time-crash.ts';
import type { DiagnoseTime, SweepTime, SweepTimes } from './time-large.ts';

/** What was timed; empty or undefined where the dumps or the tools are not there. */
export interface Times {
  readonly crash: CrashTime | undefined;
  readonly halfGiga: readonly DiagnoseTime[];
  readonly large: readonly DiagnoseTime[];
  readonly sweep: SweepTimes | undefined;
}

const MB = 1e6;

export const timeFigures = (all: readonly Measured[], times: Times): readonly Figure[] => [
  quarterGiga(all, times.crash),
  halfGiga(times.halfGiga),
  ...large(times.large),
  ...sweep(times.sweep),
];

function quarterGiga(all: readonly Measured[], crash: CrashTime | undefined): Figure {
  const timing = all.filter(({ guest }) => guest.kind === TIMING);
  const slowest = Math.max(0, ...timing.map(({ milliseconds }) => milliseconds));
  const took =
    timing.length === 0
      ? 'not here'
      : `${seconds(slowest)}, ${megabytes(Math.max(...timing.map(({ peakBytes }) => peakBytes)))}`;
  return {
    what: '`kleak diagnose` of a 256 MiB guest, filtered, zlib',
    reach: '≤ 4 s, faster than crash starts',
    found: took + (crash ? `; ${crash.version} ${seconds(crash.milliseconds)}` : ''),
    reached: timing.length === 0 ? undefined : slowest <= 4000 && (crash === undefined || slowest < crash.milliseconds),
  };
}

function halfGiga(times: readonly DiagnoseTime[]): Figure {
  return {
    what: 'the same of 512 MiB, 460,000 objects',
    reach: '≤ 5 s, ≤ 450 MB',
    found: times.length === 0 ? 'not here' : times.map((time) => `${time.dump} ${spell(time)}`).join('; '),
    reached:
      times.length === 0
        ? undefined
        : times.every(({ milliseconds, peakBytes }) => milliseconds <= 5000 && peakBytes <= 450 * MB),
  };
}

/** Linear: a GiB more takes no longer at the end than at the beginning, within a fifth. */
function large(times: readonly DiagnoseTime[]): readonly Figure[] {
  const biggest = times.at(-1);
  const [first, second, third] = times;
  const slopes = [
    [first, second],
    [second, third],
  ].flatMap(([a, b]) => (a && b ? [(b.milliseconds - a.milliseconds) / ((b.bytes - a.bytes) / 2 ** 30)] : []));
  const [before, after] = slopes;
  return [
    {
      what: 'the same of 3 GiB, 8 million objects, raw',
      reach: '≤ 15 s, ≤ 1.0 GB',
      found: biggest ? spell(biggest) : 'not here',
      reached: biggest ? biggest.milliseconds <= 15_000 && biggest.peakBytes <= 1000 * MB : undefined,
    },
    {
      what: 'linear beyond, three sizes',
      reach: 'a GiB more costs no more',
      found: `${times.map((time) => `${(time.bytes / 2 ** 30).toFixed(2)} GiB ${spell(time)}`).join('; ')}; ${slopes.map((slope) => `${seconds(slope)} a GiB`).join(', then ')}`,
      reached: before === undefined || after === undefined ? undefined : after <= 1.2 * before,
    },
  ];
}

function sweep(times: SweepTimes | undefined): readonly Figure[] {
  const rate = (time: SweepTime): number => time.looked / MB / (time.milliseconds / 1000);
  const objects = (time: SweepTime): number => time.objects / 1e6 / (time.milliseconds / 1000);
  const ratio = times ? times.one.milliseconds / times.two.milliseconds : 0;
  return [
    {
      what: 'search of memory by one thread',
      reach: '≥ 400 MB/s, ≥ 1 M objects/s',
      found: times ? `${rate(times.one).toFixed(0)} MB/s, ${objects(times.one).toFixed(2)} M objects/s` : 'not here',
      reached: times ? rate(times.one) >= 400 && objects(times.one) >= 1 : undefined,
    },
    {
      what: 'two threads, median of five',
      reach: '≥ 1.4 ×, identical graph',
      found: times ? `${ratio.toFixed(2)} ×, ${times.same ? 'the same graph' : 'ANOTHER GRAPH'}` : 'not here',
      reached: times ? ratio >= 1.4 && times.same : undefined,
    },
  ];
}

const spell = ({ milliseconds, peakBytes, objects }: DiagnoseTime): string =>
  `${seconds(milliseconds)}, ${megabytes(peakBytes)}${objects === undefined ? '' : `, ${(objects / 1e6).toFixed(1)} M objects`}`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`;
