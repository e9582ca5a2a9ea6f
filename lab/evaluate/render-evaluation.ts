import { cpus, loadavg } from 'node:os';
import type { Measured } from './measure-guest.ts';
import type { Part } from './measure-sweep.ts';
import { timeFigures, type Times } from './render-times.ts';

const LARGE = 1000;
const SMALL_KIND = 'small';
/** Kinds of which a path reference per object is left behind, without a copy of the path anywhere. */
const PATH_KINDS = ['sockpath', 'filepath', 'dentry'];
const MOUNT_KINDS = ['sockpath', 'filepath'];

/** A line of the table of figures. */
export interface Figure {
  readonly what: string;
  readonly reach: string;
  readonly found: string;
  readonly reached: boolean | undefined;
}

/** docs/evaluation.md. */
export function renderEvaluation(all: readonly Measured[], times: Times): string {
  const kernels = [...new Set(all.map(({ sweep }) => sweep.release))].toSorted();
  const seeds = [
    ...new Set(all.filter(({ guest }) => guest.from === 'generated').map(({ guest }) => guest.name.split('-')[0])),
  ];
  return `# Evaluation

Written by \`npm run evaluate\`: kleak against dumps whose truth is known, those of the corpus and those of guests that
\`lab/evaluate/generate.py\` makes from a seed (${seeds.length === 0 ? 'none here' : `here seeds ${seeds.join(', ')}`}). What a module planted it noted itself, address
by address, where no search for references sees it; every figure below is counted from the dump against those notes.

- ${all.length} dumps; kernels ${kernels.join(', ')}
- Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}; load ${loadavg()[0]?.toFixed(1)} when it ended

## Figures

${table([
  ['what', 'to reach', 'found', ''],
  ...figures(all, times).map(({ what, reach, found, reached }) => [
    what,
    reach,
    found,
    reached === undefined ? '' : reached ? 'reached' : '**missed**',
  ]),
])}

## Small leaks

${table([['kind', 'planted', 'unreachable', 'in'], ...smallRows(all)])}

## First finding of \`kleak diagnose DUMP\`

${table([
  ['guest', 'right', 'layer', 'cache', 'named', 'what it says', 'ms'],
  ...all.map(({ guest, first, verdict, milliseconds }) => [
    guest.name,
    first === undefined ? verdict : mark(guest.healthy ? verdict !== 'leak' : first.right),
    mark(first?.layer),
    mark(first?.cache),
    mark(first?.named),
    first?.said ?? '',
    milliseconds.toFixed(0),
  ]),
])}

## What is still held

${table([
  ['guest', '`core refs` names the head', 'as', '`diagnose DUMP start end` right', 'what it says'],
  ...all.flatMap(({ guest, held }) =>
    held ? [[guest.name, mark(held.namesHead), held.told, mark(held.series.right), held.series.said]] : [],
  ),
])}

## Misses

${list(misses(all))}

## Unreachable and not planted

${list(
  all
    .filter(({ guest }) => guest.from === 'generated' || guest.healthy)
    .map(
      ({ guest, sweep }) =>
        `${guest.name}: ${sweep.othersInAll} of ${sweep.objects} (${[...sweep.others].map(([name, n]) => `${n} ${name}`).join(', ')})`,
    ),
)}
`;
}

function figures(all: readonly Measured[], times: Times): readonly Figure[] {
  const parts = all.flatMap(({ guest, sweep }) => sweep.parts.map((part) => ({ guest, part })));
  const large = parts.filter(
    ({ part, guest }) => part.role === 'lost' && part.planted >= LARGE && guest.kind !== 'area',
  );
  const small = parts.filter(({ guest, part }) => guest.kind === SMALL_KIND && part.role === 'lost');
  const live = parts.filter(({ part }) => part.role === 'live');
  const liveLost =
    sum(live.map(({ part }) => part.unreachable)) + sum(all.map(({ sweep }) => sweep.negativeDentriesLost));
  const healthy = all.filter(({ guest }) => guest.healthy);
  const worst = Math.max(0, ...healthy.map(({ sweep }) => sweep.othersInAll / sweep.objects));
  const reported = healthy.flatMap(({ guest, groups }) => groups.map((group) => `${guest.name}: ${group}`));
  return [
    {
      what: 'unreachable groups of ≥ 1,000: objects found',
      reach: '≥ 99.9 %',
      ...share(
        large.map(({ part }) => part),
        0.999,
      ),
    },
    {
      what: '20 of a kind',
      reach: '≥ 18, tasks ≥ 16',
      found: `${small.filter(({ part }) => part.unreachable >= needed(part)).length} of ${small.length} parts; fewest ${Math.min(...small.map(({ part }) => (20 * part.unreachable) / part.planted)).toFixed(1)}`,
      reached: small.length === 0 ? undefined : small.every(({ part }) => part.unreachable >= needed(part)),
    },
    {
      what: 'healthy guests: unreachable, and groups of ≥ 10 reported',
      reach: '≤ 0.05 %, none',
      found: `${(worst * 100).toFixed(4)} % at most in ${healthy.length}; ${reported.length} groups ${reported.slice(0, 3).join('; ')}`,
      reached: healthy.length === 0 ? undefined : worst <= 0.0005 && reported.length === 0,
    },
    {
      what: 'objects on a live list, or negative dentries, called unreachable',
      reach: '0',
      found: `${liveLost} of ${sum(live.map(({ part }) => part.planted))} on lists`,
      reached: liveLost === 0,
    },
    ...firstFindings(all),
    ...pathFigures(all),
    ringFigure(all),
    ...timeFigures(all, times),
  ];
}

function firstFindings(all: readonly Measured[]): readonly Figure[] {
  const judged = all.filter(({ guest, first, held }) => first !== undefined && !guest.healthy && held === undefined);
  const [corpus, made] = [
    judged.filter(({ guest }) => guest.from === 'corpus'),
    judged.filter(({ guest }) => guest.from === 'generated'),
  ];
  const right = (some: readonly Measured[]): number => some.filter(({ first }) => first?.right === true).length;
  const held = all.filter((one) => one.held !== undefined);
  return [
    {
      what: 'first finding is the planted leak: corpus',
      reach: 'every dump',
      found: `${right(corpus)} of ${corpus.length}`,
      reached: corpus.length === 0 ? undefined : right(corpus) === corpus.length,
    },
    {
      what: 'the same: generated guests',
      reach: '≥ 9 of 10',
      found: `${right(made)} of ${made.length}`,
      reached: made.length === 0 ? undefined : right(made) >= 0.9 * made.length,
    },
    {
      what: 'what is still held: `core refs` names head and module',
      reach: 'all',
      found: `${held.filter((one) => one.held?.namesHead).length} of ${held.length}`,
      reached: held.length === 0 ? undefined : held.every((one) => one.held?.namesHead),
    },
    {
      what: 'the same: `diagnose DUMP start end` says what grows, its head and module',
      reach: 'all',
      found: `${held.filter((one) => one.held?.series.right).length} of ${held.length}`,
      reached: held.length === 0 ? undefined : held.every((one) => one.held?.series.right),
    },
    ...withSeries(all),
  ];
}

/** What the files of /proc beside a dump add may not hide what the dump shows, nor make healthy guests look ill. */
function withSeries(all: readonly Measured[]): readonly Figure[] {
  const leaking = all.filter(({ guest, series, held }) => series?.first && !guest.healthy && held === undefined);
  const right = leaking.filter(({ series }) => series?.first?.right === true);
  const wrong = leaking.filter((one) => !right.includes(one)).map(({ guest }) => guest.name);
  const healthy = all.filter(({ guest, series }) => guest.healthy && series);
  const alarms = healthy.filter(({ series }) => series?.verdict === 'leak' || series?.verdict === 'growth');
  return [
    {
      what: 'first finding with the series of /proc beside the dump',
      reach: '≥ 9 of 10',
      found: `${right.length} of ${leaking.length}${wrong.length === 0 ? '' : `, not ${wrong.join(', ')}`}`,
      reached: leaking.length === 0 ? undefined : right.length >= 0.9 * leaking.length,
    },
    {
      what: 'healthy guests with their series: alarms',
      reach: 'none',
      found: `${alarms.length} in ${healthy.length}${alarms.map(({ guest, series }) => `; ${guest.name}: ${series?.said ?? ''}`).join('')}`,
      reached: healthy.length === 0 ? undefined : alarms.length === 0,
    },
  ];
}

function pathFigures(all: readonly Measured[]): readonly Figure[] {
  const leaking = all.filter(({ guest }) => PATH_KINDS.includes(guest.kind));
  const planted = (some: readonly Measured[]): number =>
    sum(some.flatMap(({ sweep }) => sweep.parts).map((part) => part.planted));
  const flagged = sum(leaking.map(({ dentries }) => dentries?.disagreeing ?? 0));
  const healthy = all.filter(({ guest, dentries }) => guest.healthy && dentries);
  const wrong = sum(healthy.map(({ dentries }) => dentries?.disagreeing ?? 0));
  const examined = sum(healthy.map(({ dentries }) => dentries?.examined ?? 0));
  const mounted = all.filter(({ guest }) => MOUNT_KINDS.includes(guest.kind));
  const excess = sum(mounted.map(({ dentries }) => dentries?.excess ?? 0));
  return [
    {
      what: 'path references: dentries flagged of those leaked',
      reach: '≥ 99.5 %',
      found: `${flagged} of ${planted(leaking)} in ${leaking.length} guests`,
      reached: leaking.length === 0 ? undefined : flagged >= 0.995 * planted(leaking),
    },
    {
      what: 'healthy dentries flagged',
      reach: '≤ 0.1 %',
      found: `${wrong} of ${examined}`,
      reached: examined === 0 ? undefined : wrong <= 0.001 * examined,
    },
    {
      what: 'references to mounts in excess',
      reach: 'within 1 %',
      found: `${excess} for ${planted(mounted)}`,
      reached: mounted.length === 0 ? undefined : Math.abs(excess - planted(mounted)) <= 0.01 * planted(mounted),
    },
  ];
}

const RING_PAGES = 22_976;

function ringFigure(all: readonly Measured[]): Figure {
  const ring = all.find(({ guest }) => guest.name === '6.1-ring');
  const pages = 2 * (ring?.sweep.others.get('2 pages, compound') ?? 0);
  return {
    what: 'pages of 6.1-ring that nothing refers to',
    reach: '22,976 within 1 %',
    found: ring ? String(pages) : 'not here',
    reached: ring ? Math.abs(pages - RING_PAGES) <= 0.01 * RING_PAGES : undefined,
  };
}

function smallRows(all: readonly Measured[]): readonly (readonly string[])[] {
  return all
    .filter(({ guest }) => guest.kind === SMALL_KIND)
    .flatMap(({ guest, sweep }) =>
      sweep.parts
        .filter(({ role }) => role === 'lost')
        .map((part) => [
          `${guest.name}: ${part.kind}`,
          String(part.planted),
          `${part.unreachable}`,
          part.caches.slice(0, 2).join(', '),
        ]),
    );
}

function misses(all: readonly Measured[]): readonly string[] {
  return all.flatMap(({ guest, sweep }) =>
    sweep.parts
      .filter(({ role, wrong }) => role !== 'counted' && wrong.length > 0)
      .map(
        (part) =>
          `${guest.name}: ${part.kind} ${part.role}: ${part.unreachable} of ${part.planted} unreachable, not ${part.wrong.join(', ')}`,
      ),
  );
}

function share(parts: readonly Part[], least: number): Pick<Figure, 'found' | 'reached'> {
  const [planted, found] = [sum(parts.map((part) => part.planted)), sum(parts.map((part) => part.unreachable))];
  const worst = Math.min(1, ...parts.map((part) => part.unreachable / part.planted));
  return {
    found: `${found} of ${planted} in ${parts.length} groups (${((100 * found) / Math.max(1, planted)).toFixed(3)} %); worst ${(100 * worst).toFixed(2)} %`,
    reached: parts.length === 0 ? undefined : found >= least * planted,
  };
}

const needed = ({ kind, planted }: Part): number => (planted * (kind === 'task' ? 16 : 18)) / 20;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const mark = (value: boolean | undefined): string => (value === undefined ? '–' : value ? 'yes' : '**no**');
const list = (lines: readonly string[]): string =>
  lines.length === 0 ? 'None.' : lines.map((line) => `- ${line}`).join('\n');
const table = ([head = [], ...rows]: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
