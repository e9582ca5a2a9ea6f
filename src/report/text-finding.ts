import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Finding, KnownIssueRef, NextStep } from '../findings/finding.ts';
import { grouped, plural, spellBytes } from './amounts.ts';
import { rateWords } from './rate-words.ts';
import { escapeTerminal, escapeTerminalLines } from './escape.ts';
import { spellSource } from './sources.ts';
import { clip, lineColumns, pad, span, words, wrap, type Line, type Span } from './text-line.ts';
import { confidenceWords, ownerWords, referenceWords, riskWords, subjectWords, VERDICT_WORDS } from './words.ts';

export interface FindingLayout {
  readonly width: number;
  readonly all: boolean;
  /** Shared by all inputs; left out before file names. */
  readonly directory: string;
  /** What the head of the report says already. */
  readonly told: Pick<Diagnosis, 'verdict' | 'confidence' | 'rate'>;
}

/** Pieces of evidence shown where not all are asked for. */
const EVIDENCE = 4;
const KEY = 13;

/** A finding in full: what, why, who, how fast, what is known, what to do next. */
export function findingLines(finding: Finding, number: number, layout: FindingLayout): readonly Line[] {
  const { width, directory } = layout;
  const shown = layout.all ? finding.evidence : finding.evidence.slice(0, EVIDENCE);
  const more = finding.evidence.length - shown.length;
  return [
    ...wrap([span(`${number}`.padStart(3)), pad(2)], titleWords(finding, layout), width),
    ...keyed('what', subjectWords(finding.subject ?? {}).join(', '), width),
    ...shown.flatMap(({ text, source }, i) =>
      wrap(key(i === 0 ? 'why' : ''), [...words(text), ...sourceWords(spellSource(source, directory))], width),
    ),
    ...(more > 0 ? keyed('', `… and ${plural(more, 'more piece')} of evidence (--all)`, width) : []),
    ...keyed('who', finding.owner ? ownerWords(finding.owner) : '', width),
    ...keyed(
      'rate',
      finding.rate && finding.rate.bytesPerHour !== layout.told.rate?.bytesPerHour
        ? rateWords(finding.rate, finding.verdict)
        : '',
      width,
    ),
    ...(finding.knownIssue ? knownLines(finding.knownIssue, layout) : []),
    ...nextLines(finding.next, width),
    ...keyed('explain', termsCommand(finding), width),
  ];
}

/** A finding on one line: number, title, size, verdict. */
export function findingLine(finding: Finding, number: number, width: number): Line {
  const size = finding.bytes === undefined ? '' : `  ${spellBytes(finding.bytes)}`;
  const end = `${size}  ${VERDICT_WORDS[finding.verdict]}`;
  const title = clip(finding.title, Math.max(20, width - 5 - end.length));
  return [span(`${number}`.padStart(3)), pad(2), span(title), span(end, 'faint')];
}

/** The title, and what neither it nor the head of the report says: how many, how much, how sure. */
function titleWords(finding: Finding, { told }: FindingLayout): readonly Span[] {
  const title = escapeTerminal(finding.title);
  const { objects, bytes } = finding;
  const facts: string[] = [];
  if (objects !== undefined && ![plural(objects, 'object'), grouped(objects)].some((said) => title.includes(said)))
    facts.push(plural(objects, 'object'));
  if (bytes !== undefined && !title.includes(spellBytes(bytes))) facts.push(spellBytes(bytes));
  if (finding.verdict !== told.verdict) facts.push(VERDICT_WORDS[finding.verdict].toLowerCase());
  if (finding.confidence !== told.confidence) facts.push(confidenceWords(finding.confidence));
  return [...words(finding.title, 'strong'), ...words(facts.length > 0 ? `(${facts.join(', ')})` : '', 'faint')];
}

function knownLines(known: KnownIssueRef, { width, all }: FindingLayout): readonly Line[] {
  const fixed = known.fixedIn === undefined ? '' : ` Fixed in ${known.fixedIn}.`;
  const more = `[${referenceWords(known.references)}: kleak known ${known.id}]`;
  const title = [
    span(known.id, 'strong'),
    ...words(sentence(known.title) + fixed),
    ...(known.references.length > 0 ? joined(more, 'faint') : []),
  ];
  return [
    ...wrap(key('known'), title, width),
    ...(all && known.cause !== undefined ? keyed('', `Cause: ${known.cause}`, width) : []),
    ...(known.fix === undefined ? [] : keyed('', `Fix: ${known.fix}`, width)),
    ...(all ? known.references.flatMap((reference) => keyed('', reference, width)) : []),
  ];
}

const sentence = (text: string): string => (/[.?:]\s*$/.test(text) ? text : `${text}.`);

/**
 * Steps in two columns where the commands leave room, else each with its reason below. Commands are never wrapped: a
 * line end inside would break the paste.
 */
function nextLines(next: readonly NextStep[], width: number): readonly Line[] {
  const widest = Math.max(0, ...next.flatMap(({ command }) => commandLines(command).map(({ columns }) => columns)));
  const beside = KEY + widest + 3;
  return next.flatMap((step, i) => {
    const lines = commandLines(step.command).map((line, j): Line => [...key(i + j === 0 ? 'next' : ''), line]);
    const why = [...words(step.why), ...joined(`(${riskWords(step)})`, step.risk === 'high' ? 'mark' : 'faint')];
    if (width - beside < 36 || lines.length > 1) return [...lines, ...wrap([pad(KEY + 2)], why, width, KEY + 2)];
    const first = lines[0] ?? [];
    return wrap([...first, pad(beside - lineColumns(first))], why, width, beside);
  });
}

const commandLines = (command: string): readonly Span[] =>
  escapeTerminalLines(command)
    .split('\n')
    .map((line) => span(line, 'name'));

function termsCommand({ terms = [] }: Finding): string {
  return terms.length === 0 ? '' : `kleak explain ${terms.join(', ')}`;
}

/** Words that stay on one line, where one line has room for them. */
const joined = (text: string, style: Span['style']): readonly Span[] => [span(text, style)];

const sourceWords = (source: string): readonly Span[] => (source === '' ? [] : joined(`[${source}]`, 'faint'));

const key = (name: string): Line => [pad(5), span(name.padEnd(KEY - 5), 'faint')];

const keyed = (name: string, text: string, width: number): readonly Line[] =>
  text === '' ? [] : wrap(key(name), words(text), width);
