import { statSync } from 'node:fs';
import type { CensusCost } from './census.ts';
import type { DumpFigures, SlabsRow } from './dumps.ts';
import type { LargeFigures } from './large.ts';
import type { Measurement } from './measure.ts';
import { bullets, judge, measured, renderTable, spellTime } from './page.ts';
import type { ReferenceTools } from './reference-tools.ts';

/** How many times faster than the others, at least. */
const THAN_CRASH = 8;
const THAN_DRGN = 100;
/** Bytes of RAM described, a second; and the part of what inflating alone reaches. */
const CENSUS_RATE = 1e9;
const OF_INFLATING = 0.8;
const EXPORT = { milliseconds: 5000 };

/** The part of docs/benchmarks.md about crash dumps. `figures`: why there are none where that is a text. */
export function renderDumpPart(
  machine: readonly string[],
  tools: ReferenceTools,
  figures: DumpFigures | string,
  large: LargeFigures,
): string {
  return `${bullets([...machine, ...versionsOf(tools)])}

${typeof figures === 'string' ? notMeasured(figures) : renderFigures(tools, figures)}
A dump of a machine with ${Math.round(large.ramBytes / 2 ** 30)} GiB of RAM and ${spellMillions(large.objects)} objects, made up by \`bench/large-dump.ts\`: zlib, ${Math.round(large.bytes / 1e6)} MB. At most 0.5 % of RAM
and 250 MB.

${renderTable([
  ['`core slabs`', 'runs', 'time', 'fastest – slowest', 'target', 'peak', 'target', ''],
  [
    `${Math.round(large.ramBytes / 2 ** 30)} GiB`,
    ...measured(large.measurement, largeTarget(large)),
    judge(largeTarget(large), large.measurement),
  ],
])}
`;
}

const largeTarget = ({ ramBytes }: LargeFigures): { readonly peakBytes: number } => ({
  peakBytes: 250e6 + 0.005 * ramBytes,
});

const spellMillions = (n: number): string => `${(n / 1e6).toFixed(1)} million`;

function renderFigures(tools: ReferenceTools, figures: DumpFigures): string {
  return `One moment of a guest with 512 MiB of RAM, Linux 6.1, 460,000 slab objects of which 300,000 are leaked, in three containers
(\`lab/make-large.sh\`). \`kleak core slabs\` counts every object of every cache; crash's \`kmem -s\` counts by slab, drgn's helpers
walk every object (\`lab/drgn-objects.py\`). Both need a vmlinux with debug information${sizeOf(tools.vmlinux)}, kleak nothing but
the dump. They run right behind kleak, so that what slows one down slows the others too.

${renderTable([
  ['`core slabs`', 'runs', 'time', 'fastest – slowest', 'target', 'peak', 'target', 'crash', 'drgn', ''],
  ...figures.slabs.map(slabsLine),
])}

The census, one pass over the memory map which tells the use of every page and finds every slab (\`bench/census.ts\`): the first
pass of a process, as a command has it, and the fastest of ${figures.census[0]?.cost.censusMs.length ?? 0}. Against it, what inflating the pages that it reads
costs alone, with zlib.inflateSync, fastest against fastest.

${renderTable([
  ['census', 'pages read', 'first', 'RAM/s', 'target', 'fastest', 'inflating', 'of it', 'target', ''],
  ...figures.census.map(({ what, cost }) => censusLine(what, cost)),
])}

Where the time goes (\`bench/opening.ts\`, uncompressed kdump, the first pass of a process; the rest of \`core slabs\` is the start
of Node and loading code):

${renderTable([['step', 'median'], ...[...figures.opening].map(([step, ms]) => [step, `${ms.toFixed(1)} ms`])])}

\`kleak core export --sqlite\` (131,000 pages, 460,000 objects, 87,000 symbols):

${renderTable([
  ['`core export`', 'runs', 'time', 'fastest – slowest', 'target', 'peak', 'target', ''],
  ['kdump, uncompressed', ...measured(figures.exported, EXPORT), judge(EXPORT, figures.exported)],
])}
`;
}

const notMeasured = (because: string): string =>
  `The dumps of \`lab/make-large.sh\` were not measured: ${because}. \`KLEAK_BENCH_DUMPS=FOLDER npm run bench -- dumps\` does it.\n`;

const sizeOf = (vmlinux: string | undefined): string =>
  vmlinux === undefined ? '' : ` (${Math.round(statSync(vmlinux).size / 1e6)} MB)`;

const versionsOf = ({ crash, drgn }: ReferenceTools): readonly string[] => [
  crash ? `crash ${crash.version}` : 'crash is not here, or has no vmlinux: not compared',
  drgn ? `drgn ${drgn.version}` : 'drgn is not here, or has no vmlinux: not compared',
];

function slabsLine({ what, measurement, target, crash, drgn }: SlabsRow): readonly string[] {
  const slow = [
    ...(crash && ratio(crash, measurement) < THAN_CRASH ? [` less than ${THAN_CRASH} × crash`] : []),
    ...(drgn && ratio(drgn, measurement) < THAN_DRGN ? [` less than ${THAN_DRGN} × drgn`] : []),
  ];
  const own = judge(target, measurement);
  return [
    what,
    ...measured(measurement, target),
    compared(crash, measurement, THAN_CRASH),
    compared(drgn, measurement, THAN_DRGN),
    slow.length === 0 ? own : `${own === 'met' ? '**missed**' : own}${slow.join(',')}`,
  ];
}

const ratio = (other: Measurement, own: Measurement): number => other.medianMs / own.medianMs;

/** `13.9 s: 21 × (≥ 8 ×)`. */
const compared = (other: Measurement | undefined, own: Measurement, target: number): string =>
  other === undefined ? 'not here' : `${spellTime(other.medianMs)}: ${Math.round(ratio(other, own))} × (≥ ${target} ×)`;

function censusLine(what: string, { ramBytes, censusMs, pages, inflateMs }: CensusCost): readonly string[] {
  const [first = 0] = censusMs;
  const rate = ramBytes / (first / 1000);
  const fastest = Math.min(...censusMs);
  const inflating = inflateMs && Math.min(...inflateMs);
  const share = inflating === undefined ? undefined : inflating / fastest;
  const met = share === undefined ? rate >= CENSUS_RATE : share >= OF_INFLATING;
  return [
    what,
    String(pages),
    `${first.toFixed(1)} ms`,
    `${(rate / 1e9).toFixed(1)} GB/s`,
    share === undefined ? `≥ ${CENSUS_RATE / 1e9} GB/s` : '',
    `${fastest.toFixed(1)} ms`,
    inflating === undefined ? '' : `${inflating.toFixed(1)} ms`,
    share === undefined ? '' : `${Math.round(share * 100)} %`,
    share === undefined ? '' : `≥ ${OF_INFLATING * 100} %`,
    met ? 'met' : '**missed**',
  ];
}
