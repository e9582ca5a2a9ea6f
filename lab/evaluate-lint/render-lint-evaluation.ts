import { cpus, loadavg } from 'node:os';
import type { LintFinding } from '../../src/findings/lint.ts';
import type { PairResult } from './pairs.ts';
import type { PlantedResult, PlantedSummary } from './planted.ts';
import type { Judged, TreeResult } from './tree.ts';

/** How a set of pairs fared before anybody had looked at what is missed. */
export interface FirstRun {
  readonly pairs: string;
  /** The commit of the rules. */
  readonly rules: string;
  readonly found: number;
  readonly of: number;
  /** Still reported after the repair. */
  readonly after: number;
}

interface Measured {
  readonly pairs: readonly PairResult[];
  readonly planted: PlantedSummary;
  readonly tree: TreeResult | undefined;
  /** Reasons, by the names of pairs. */
  readonly misses: Readonly<Record<string, string>>;
  readonly firstRuns: readonly FirstRun[];
  /** What the draw was seeded with. */
  readonly draw: string;
}

/** docs/lint-evaluation.md. */
export function renderLintEvaluation(all: Measured): string {
  const { pairs, planted, tree, misses } = all;
  return `# Evaluation of \`kleak lint\`

Written by \`npm run evaluate:lint\`. Three things whose truth is known: ${pairs.length} leaks that the kernel mended, reduced to a file
before and a file after (\`fixtures/lint\`; written before the first run on them, from the commits' descriptions and the repaired code);
the modules of the lab, and modules made from seeds ${planted.seeds.join(', ')}; and parts of a kernel's source, where findings drawn by a seed
were judged by reading.

- Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}; load ${loadavg()[0]?.toFixed(1)} when it ended
- a leak counts as found where a finding names its function, or the line where the thing is taken or lost, and is gone after the repair
- any finding in a file after the repair counts as still reported

## Figures

${table([['what', 'to reach', 'found', ''], ...figures(all)])}

## What the share of found leaks says

The first ${count(pairs, false)} pairs were at hand while the rules grew: their share says what the rules were taught. The ${count(pairs, true)} held out were drawn at
random from the same records later. What was found when a set was looked at for the first time is the better guess for other code:

${table([
  ['pairs', 'rules of', 'found at the first look', 'still reported after the repair'],
  ...all.firstRuns.map((one) => [one.pairs, one.rules, share(one.found, one.of), String(one.after)]),
])}

## Pairs, by kind

${table([
  ['kind', 'found', 'of', 'still reported'],
  ...groups(pairs).map(([kind, some]) => [
    kind,
    String(some.filter(({ found }) => found).length),
    String(some.length),
    String(some.filter(({ after }) => after.length > 0).length),
  ]),
])}

## Missed

${list(
  pairs
    .filter(({ found }) => !found)
    .map(({ pair }) => `${pair.id}, \`${pair.function}()\`: ${misses[pair.id] ?? 'not looked into'}`),
)}

## Still reported after the repair

${list(
  pairs
    .filter(({ after }) => after.length > 0)
    .map(
      ({ pair, after }) =>
        `${pair.id}: ${after.map((one) => `line ${one.line}, ${one.title}`).join('; ')}. ${misses[`${pair.id} after`] ?? ''}`,
    ),
)}

## Reported before the repair, besides

${list(
  pairs
    .filter(({ besides }) => besides.length > 0)
    .map(({ pair, besides }) => `${pair.id}: ${besides.map((one) => `line ${one.line}, ${one.title}`).join('; ')}`),
)}

## Planted

${table([['module', 'what it loses', 'found'], ...planted.modules.map(plantedRow)])}

Modules made from seeds, by kind:

${table([
  ['kind', 'found', 'of'],
  ...[...Map.groupBy(planted.generated, ({ what }) => what)].map(([kind, some]) => [
    kind,
    String(some.filter(({ found }) => found).length),
    String(some.length),
  ]),
])}

Found in modules that keep what they take (on a list, in a tree): ${planted.kept.length}. Found besides what was planted:

${list(planted.others.map((one) => `${one.file}:${one.line} \`${one.function}()\`: ${one.title}`))}
${tree ? renderTree(tree, all.draw) : ''}
## The commits

${table([
  ['pair', 'commit', 'where', 'what leaked', 'checked by', 'found'],
  ...pairs.map(({ pair, found, after }) => [
    pair.id,
    pair.commit.slice(0, 12),
    pair.subsystem,
    pair.title,
    pair.checked.replace(/ \(record.*\)/, ''),
    `${found ? 'yes' : 'no'}${after.length > 0 ? ', and still after' : ''}`,
  ]),
])}

"Checked by": a CVE number stands for the record of the kernel's CVE team, which names the commit, its title and the files.
`;
}

/** What the pairs came to, for a look at some of them. */
export function renderPairs(pairs: readonly PairResult[]): string {
  return pairs
    .map(({ pair, found, besides, after }) => {
      const said = (some: readonly LintFinding[]): string =>
        some.map((one) => `\n    ${one.line} ${one.function}(): ${one.title} (${one.confidence})`).join('');
      const beside = besides.length > 0 ? `\n  besides:${said(besides)}` : '';
      return `${found ? 'found ' : 'MISSED'} ${pair.id}${found ? said([found]) : ''}${beside}${after.length > 0 ? `\n  AFTER:${said(after)}` : ''}\n`;
    })
    .join('');
}

function figures({ pairs: all, planted, tree }: Measured): readonly (readonly string[])[] {
  const pairs = all.filter(({ pair }) => pair.heldOut !== true);
  const heldOut = all.filter(({ pair }) => pair.heldOut === true);
  const found = pairs.filter((one) => one.found).length;
  const still = all.filter(({ after }) => after.length > 0).length;
  const modules = planted.modules.filter((one) => one.found).length;
  const made = planted.generated.filter((one) => one.found).length;
  const density = tree ? (tree.findings * 1000) / tree.lines : 0;
  const rows: (readonly string[])[] = [
    ['leaks found before the repair', '≥ 60 %', share(found, pairs.length), reached(found >= 0.6 * pairs.length)],
    ['the same, of pairs held out', '', share(heldOut.filter((one) => one.found).length, heldOut.length), ''],
    ['still reported after it', '≤ 10 %', share(still, all.length), reached(still <= 0.1 * all.length)],
    [
      "leaks of the lab's modules",
      'all',
      share(modules, planted.modules.length),
      reached(modules === planted.modules.length),
    ],
    [
      'leaks of modules made from seeds',
      'all',
      share(made, planted.generated.length),
      reached(made === planted.generated.length),
    ],
  ];
  if (!tree) return rows;
  return [
    ...rows,
    ['findings per 1,000 lines of the kernel', '< 0.5', density.toFixed(3), reached(density < 0.5)],
    ['of those drawn, real', '≥ 50 %', precision(tree.drawn), reached(real(tree.drawn) >= 0.5 * tree.drawn.length)],
    [
      'with `--confidence high`, real',
      '≥ 80 %',
      precision(tree.drawnSure),
      reached(real(tree.drawnSure) >= 0.8 * tree.drawnSure.length),
    ],
  ];
}

const real = (drawn: readonly Judged[]): number =>
  drawn.filter(({ judgement }) => judgement?.verdict === 'real').length;

function precision(drawn: readonly Judged[]): string {
  const open = drawn.filter(({ judgement }) => !judgement).length;
  return `${share(real(drawn), drawn.length)}${open > 0 ? `, ${open} not judged yet` : ''}`;
}

function renderTree(tree: TreeResult, draw: string): string {
  const row = ({ finding, judgement }: Judged): readonly string[] => [
    `${finding.file}:${finding.line}`,
    `\`${finding.function}()\``,
    finding.title,
    judgement?.verdict ?? 'not judged',
    judgement?.reason ?? '',
  ];
  return `
## A kernel's source: Linux ${tree.release} (Debian's linux-source-6.1), drivers/net, drivers/usb, fs

${tree.files} files, ${(tree.lines / 1e6).toFixed(2)} million lines, ${(tree.bytes / 1e6).toFixed(0)} MB; ${tree.unread} things unread; ${tree.seconds.toFixed(0)} s with the process's start, ${(tree.peakBytes / 2 ** 20).toFixed(0)} MiB at
most. ${tree.findings} findings at default confidence, ${tree.sure} with \`--confidence high\`.

${table([['rule', 'findings'], ...tree.byRule.map(([id, count]) => [id, String(count)])])}

A stable kernel of many years: most leaks that a tool finds were found by others before. "Real" means that a path which can be
taken loses the memory or the reference; that it is rare, or small, does not count against it.

These folders were read while the rules were improved, so their shares say what the rules were taught. Of folders that were not
(drivers/mmc, i2c, spi, mfd, thermal, cpufreq, soc; 66 findings, 27 of them sure), all that are sure were read, and of the others the
first 27 by name: 25 of 27 and 20 of 27 are real. What is drawn below was judged anew, without sight of the rules or of what was said of it
before; nine earlier judgements were turned over by that.

Drawn at default confidence (seed "${draw}"):

${table([['where', 'function', 'what it says', 'judged', 'because'], ...tree.drawn.map(row)])}

Drawn with \`--confidence high\`, by the same lots:

${table([['where', 'function', 'what it says', 'judged', 'because'], ...tree.drawnSure.map(row)])}
`;
}

const plantedRow = ({ where, what, found }: PlantedResult): readonly string[] => [
  where,
  what,
  found ? `line ${found.line}, ${found.title}` : '**no**',
];

const groups = (pairs: readonly PairResult[]): readonly (readonly [string, readonly PairResult[]])[] =>
  [...Map.groupBy(pairs, ({ pair }) => pair.kind)].toSorted((a, b) => b[1].length - a[1].length);

const count = (pairs: readonly PairResult[], heldOut: boolean): number =>
  pairs.filter(({ pair }) => (pair.heldOut === true) === heldOut).length;
const share = (part: number, whole: number): string =>
  `${part} of ${whole}${whole > 0 ? ` (${Math.round((100 * part) / whole)} %)` : ''}`;
const reached = (is: boolean): string => (is ? 'reached' : '**missed**');
const list = (lines: readonly string[]): string =>
  lines.length === 0 ? 'None.' : lines.map((line) => `- ${line}`).join('\n');

function table(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rest.map(line)].join('\n');
}
