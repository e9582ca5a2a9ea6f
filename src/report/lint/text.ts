import type { LintDocument, LintFinding, LintStep } from '../../findings/lint.ts';
import { grouped, plural } from '../amounts.ts';
import { clip, pad, printLines, span, words, wrap, type Line } from '../text-line.ts';
import { confidenceWords, VERDICT_WORDS } from '../words.ts';

export interface LintLayout {
  readonly colour: boolean;
  readonly width: number;
  /** Everything that was not read, and every finding in full. */
  readonly all: boolean;
}

const KEY = 10;
const UNREAD = 10;

/** Findings with the lines of the source, the surest first. */
export function renderLintText(document: LintDocument, layout: LintLayout): string {
  const lines: readonly Line[] = [
    ...wrap([], words(document.summary, 'strong'), layout.width),
    [],
    ...document.findings.flatMap((finding) => findingLines(finding, layout)),
    ...hiddenLines(document, layout),
    ...unreadLines(document, layout),
  ];
  return printLines(lines, layout.colour);
}

function findingLines(finding: LintFinding, { width }: LintLayout): readonly Line[] {
  const { file, line, verdict, confidence, id } = finding;
  const head: Line = [
    span(`${file}:${line}`, 'name'),
    span('  '),
    span(VERDICT_WORDS[verdict], verdict === 'leak' ? 'leak' : 'growth'),
    span(`  ${confidenceWords(confidence)}  ${id}`, 'faint'),
  ];
  return [
    head,
    ...wrap([pad(2)], words(finding.title, 'strong'), width),
    ...keyed('what', finding.summary, width),
    ...finding.path.flatMap((step, i) => stepLines(step, i === 0 ? 'path' : '', file, width)),
    ...keyed('fix', finding.fix, width),
    ...keyed('page', finding.page, width),
    [],
  ];
}

function stepLines({ file, line, what, code }: LintStep, key: string, home: string, width: number): readonly Line[] {
  const place = file === home ? `${line}` : `${file}:${line}`;
  return [
    [
      ...keyOf(key),
      span(place.padStart(5), 'name'),
      span('  '),
      span(clip(code, Math.max(20, width - KEY - place.length - 4))),
    ],
    ...wrap([pad(KEY + 7)], words(what, 'faint'), width),
  ];
}

function hiddenLines({ hidden }: LintDocument, { width }: LintLayout): readonly Line[] {
  const said = [
    ...(hidden.ignored.length > 0 ? [`${plural(hidden.ignored.length, 'finding')} with a kleak-ignore comment`] : []),
    ...(hidden.baseline > 0 ? [`${hidden.baseline} in the baseline`] : []),
    ...(hidden.unsure > 0 ? [`${grouped(hidden.unsure)} less sure (--confidence low shows them)`] : []),
  ];
  return said.length === 0 ? [] : keyed('hidden', said.join(', '), width);
}

function unreadLines({ unread }: LintDocument, { all, width }: LintLayout): readonly Line[] {
  const shown = all ? unread : unread.slice(0, UNREAD);
  const more = unread.length - shown.length;
  return [
    ...shown.flatMap(({ what, why }, i) => keyed(i === 0 ? 'unread' : '', `${what}: ${why}`, width)),
    ...(more > 0 ? keyed('', `… and ${more} more (--all)`, width) : []),
  ];
}

const keyOf = (name: string): Line => [pad(2), span(name.padEnd(KEY - 2), 'faint')];

const keyed = (name: string, text: string, width: number): readonly Line[] => wrap(keyOf(name), words(text), width);
