import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Verdict } from '../findings/finding.ts';
import { plural } from './amounts.ts';
import { columnsOf } from './escape.ts';
import { rateWords } from './rate-words.ts';
import { sharedDirectory } from './sources.ts';
import { findingLine, findingLines } from './text-finding.ts';
import { lineColumns, pad, printLines, span, words, wrap, type Line, type Style } from './text-line.ts';
import { memoryLines, seriesLines } from './text-memory.ts';
import { confidenceWords, VERDICT_WORDS } from './words.ts';

export interface TextOptions {
  /** ANSI colour, for a terminal. */
  readonly colour: boolean;
  /** Columns; below 40 counts as 40. Commands may be longer: they are not wrapped. */
  readonly width: number;
  /** Bars and marks without Unicode, for a terminal that cannot show it. */
  readonly ascii?: boolean;
  /** Every finding and all of its evidence, every reason; else one screen. */
  readonly all?: boolean;
}

/** Findings in full where not all are asked for. */
const IN_FULL = 3;

const VERDICT_STYLE: Readonly<Record<Verdict, Style>> = {
  leak: 'leak',
  growth: 'growth',
  'not-a-leak': 'fine',
  inconclusive: 'unsure',
};

/** The diagnosis for a terminal: verdict, where the memory is, findings, what was not seen, what was read. */
export function renderText(diagnosis: Diagnosis, options: TextOptions): string {
  const width = Math.max(40, Math.floor(options.width));
  const { ascii = false, all = false } = options;
  const drawing = { width, ascii, all, style: VERDICT_STYLE[diagnosis.verdict] };
  const blocks: readonly (readonly Line[])[] = [
    headLines(diagnosis, width),
    memoryLines(diagnosis, drawing),
    seriesLines(diagnosis, drawing),
    ...findingBlocks(diagnosis, width, all),
    tailLines(diagnosis, width, all),
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => [...block, []]);
  const text = printLines(lines.slice(0, -1), options.colour);
  return ascii ? asciiOnly(text) : text;
}

function headLines(diagnosis: Diagnosis, width: number): readonly Line[] {
  const style = VERDICT_STYLE[diagnosis.verdict];
  const first: Line = [span(VERDICT_WORDS[diagnosis.verdict], style), pad(2)];
  const hang = width < 72 ? 2 : lineColumns(first);
  const lines = wrap(first, words(diagnosis.summary, 'strong'), width, hang);
  const rate = diagnosis.rate
    ? wrap([pad(hang)], words(sentenceCase(rateWords(diagnosis.rate, diagnosis.verdict))), width, hang)
    : [];
  if (diagnosis.confidence === undefined) return [...lines, ...rate];
  const sure = confidenceWords(diagnosis.confidence);
  const last = lines.at(-1) ?? [];
  const free = width - lineColumns(last) - columnsOf(sure);
  return free >= 3
    ? [...lines.slice(0, -1), [...last, pad(free), span(sure, 'faint')], ...rate]
    : [...lines, [pad(hang), span(sure, 'faint')], ...rate];
}

function findingBlocks(diagnosis: Diagnosis, width: number, all: boolean): readonly (readonly Line[])[] {
  const { findings } = diagnosis;
  const inFull = all ? findings : findings.slice(0, IN_FULL);
  const layout = { width, all, directory: sharedDirectory(diagnosis), told: diagnosis };
  return [
    ...inFull.map((finding, i) => findingLines(finding, i + 1, layout)),
    findings.slice(inFull.length).map((finding, i) => findingLine(finding, inFull.length + i + 1, width)),
  ];
}

function tailLines(diagnosis: Diagnosis, width: number, all: boolean): readonly Line[] {
  const { unread, accounting, skipped } = diagnosis;
  const unseen = [...unread.map(({ what, why }) => `${what} (${why})`), ...(accounting?.notes ?? [])];
  const shown = all ? unseen : unseen.slice(0, 4);
  const more = unseen.length - shown.length;
  return [
    ...tail('not seen', shown.join('; ') + (more > 0 ? `; and ${more} more (--all)` : ''), width),
    ...tail('could not look', skippedWords(skipped, all), width),
    ...tail('read', inputWords(diagnosis, all), width),
  ];
}

/** Rules that could not look, by reason: one reason usually stands for many rules. */
function skippedWords(skipped: Diagnosis['skipped'], all: boolean): string {
  const byReason = groupBy(skipped, ({ because }) => because);
  const reasons = [...byReason].toSorted(([, a], [, b]) => b.length - a.length);
  const shown = all ? reasons : reasons.slice(0, 2);
  const hidden = reasons.slice(shown.length).reduce((sum, [, rules]) => sum + rules.length, 0);
  const parts = shown.map(([because, rules]) => {
    const names = all || rules.length <= 2 ? rules.map(({ rule }) => rule).join(', ') : plural(rules.length, 'rule');
    return `${because} (${names})`;
  });
  return [...parts, ...(hidden > 0 ? [`${plural(hidden, 'more rule')} (--all)`] : [])].join('; ');
}

/** A kind that every snapshot has is not counted: `meminfo, slabinfo in captures/node7, 49 snapshots; 3.10.0 x86_64` */
function inputWords(diagnosis: Diagnosis, all: boolean): string {
  const { inputs, snapshots, host } = diagnosis;
  const directory = sharedDirectory(diagnosis);
  const kinds = [...groupBy(inputs, ({ kind }) => kind)].map(([kind, of]) =>
    of.length === 1 || of.length === snapshots.length ? kind : `${kind} ×${of.length}`,
  );
  if (kinds.length === 0) return 'nothing';
  const only = new Set(inputs.map(({ file }) => file)).size === 1 ? inputs[0]?.file : undefined;
  const where = only ?? directory.replace(/\/$/, '');
  const moments = snapshots.length > 1 ? `, ${snapshots.length} snapshots` : '';
  const machine = [host?.name, host?.release, host?.machine].filter((word) => word !== undefined).join(' ');
  const files = all ? `: ${[...new Set(inputs.map(({ file }) => file))].join(', ')}` : '';
  const kindWords = kinds.length === 1 && kinds[0] === where ? '' : kinds.join(', ');
  return `${kindWords}${where === '' ? '' : ` in ${where}`}${moments}${machine === '' ? '' : `; ${machine}`}${files}`;
}

const tail = (name: string, text: string, width: number): readonly Line[] =>
  text === '' ? [] : wrap([span(`  ${name}: `, 'faint')], words(text), width, 6);

const sentenceCase = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** In the order of first appearance. Map.groupBy came after Node 20's types. */
function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

/** The few characters of ours that are not ASCII, wherever they stand; what else data brings stays. */
const asciiOnly = (text: string): string =>
  text.replaceAll(/[−×·…→–]/g, (c) => ({ '−': '-', '×': 'x', '·': '-', '…': '...', '→': '->', '–': '-' })[c] ?? c);
