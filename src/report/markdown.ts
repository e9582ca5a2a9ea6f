import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Evidence, Finding, KnownIssueRef, NextStep } from '../findings/finding.ts';
import { plural, spellBytes, spellBytesBetween, spellShare } from './amounts.ts';
import { markdownBlock, markdownCell, markdownCode, markdownReference, markdownText } from './markdown-escape.ts';
import { joinSmallShares, memoryShares } from './memory-shares.ts';
import { rateWords } from './rate-words.ts';
import { sharedDirectory, spellSource } from './sources.ts';
import { confidenceWords, LAYER_WORDS, ownerWords, riskWords, subjectWords, VERDICT_WORDS } from './words.ts';

/** Findings whose evidence is shown; that of the others is folded. */
const OPEN = 1;

/** The diagnosis for an issue tracker: GitHub-flavoured Markdown, details folded, commands in blocks to copy. */
export function renderMarkdown(diagnosis: Diagnosis): string {
  const directory = sharedDirectory(diagnosis);
  const blocks = [
    ...headBlocks(diagnosis),
    ...memoryBlocks(diagnosis),
    ...diagnosis.findings.flatMap((finding, i) => findingBlocks(finding, i + 1, directory)),
    ...tailBlocks(diagnosis),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function headBlocks({ verdict, summary, layer, confidence, rate, host }: Diagnosis): readonly string[] {
  const facts = [
    layer === 'none' ? '' : `Where: **${LAYER_WORDS[layer]}**`,
    confidence === undefined ? '' : confidenceWords(confidence),
    rate === undefined ? '' : markdownText(rateWords(rate, verdict)),
    [host?.name, host?.release, host?.machine]
      .flatMap((word) => (word === undefined || word === '' ? [] : [markdownCode(word)]))
      .join(' '),
  ];
  return [`## ${VERDICT_WORDS[verdict]}: ${markdownText(summary)}`, facts.filter((fact) => fact !== '').join(' · ')];
}

function memoryBlocks(diagnosis: Diagnosis): readonly string[] {
  const { accounting } = diagnosis;
  const shares = joinSmallShares(memoryShares(diagnosis));
  if (accounting === undefined || shares.length === 0) return [];
  const { unaccountedLow: low, unaccountedHigh: high } = accounting;
  const rows = shares.map(({ label, bytes, share, from, marked }) => {
    const name = markdownText(label);
    const cells = [
      marked && name !== '' ? `**${name}** ◀` : name,
      spellBytes(bytes),
      spellShare(share),
      markdownText(from),
    ];
    return `| ${cells.map(markdownCell).join(' | ')} |`;
  });
  const table = ['| use | size | share | from |', '| :-- | --: | --: | :-- |', ...rows].join('\n');
  return [
    `### Where the memory is (${spellBytes(accounting.totalBytes)})`,
    table,
    low === undefined || high === undefined
      ? ''
      : `The inputs allow the unexplained part to be ${spellBytesBetween(low, high)}.`,
  ];
}

function findingBlocks(finding: Finding, number: number, directory: string): readonly string[] {
  const { evidence, knownIssue, next, terms = [] } = finding;
  const list = evidence.map((piece) => evidenceItem(piece, directory)).join('\n');
  return [
    `### ${number}. ${markdownText(finding.title)}`,
    factsOf(finding).join('\n'),
    number <= OPEN ? `**Why**\n\n${list}` : folded(`Why: ${plural(evidence.length, 'piece')} of evidence`, list),
    knownIssue === undefined ? '' : knownBlock(knownIssue),
    next.length === 0 ? '' : `**What next**\n\n${next.map(nextItem).join('\n')}`,
    terms.length === 0 ? '' : `Terms: ${terms.map((term) => markdownCode(term)).join(', ')}`,
  ];
}

function factsOf({ verdict, layer, confidence, bytes, objects, subject, owner, rate }: Finding): readonly string[] {
  const size = [bytes === undefined ? '' : spellBytes(bytes), objects === undefined ? '' : plural(objects, 'object')];
  const where = layer === 'none' ? '' : `, ${LAYER_WORDS[layer]}`;
  const facts: readonly (readonly [string, string])[] = [
    ['Verdict', `${VERDICT_WORDS[verdict]}${where}, ${confidenceWords(confidence)}`],
    ['Holds', size.filter((part) => part !== '').join(', ')],
    ['What', markdownText(subject === undefined ? '' : subjectWords(subject).join(', '))],
    ['Who', markdownText(owner === undefined ? '' : ownerWords(owner))],
    ['Rate', rate === undefined ? '' : markdownText(rateWords(rate, verdict))],
  ];
  return facts.filter(([, value]) => value !== '').map(([name, value]) => `- ${name}: ${value}`);
}

function evidenceItem({ text, source }: Evidence, directory: string): string {
  const place = markdownCode(spellSource(source, directory));
  return `- ${markdownText(text)}${place === '' ? '' : ` (${place})`}`;
}

function knownBlock({ id, title, cause, fix, fixedIn, references }: KnownIssueRef): string {
  const lines = [
    cause === undefined ? '' : `- Cause: ${markdownText(cause)}`,
    fix === undefined ? '' : `- Fix: ${markdownText(fix)}`,
    fixedIn === undefined ? '' : `- Fixed in ${markdownText(fixedIn)}`,
    ...references.map((reference) => `- ${markdownReference(reference)}`),
  ];
  return [`**Known issue** ${markdownCode(id)}: ${markdownText(title)}`, '', ...lines.filter((l) => l !== '')].join(
    '\n',
  );
}

const nextItem = (step: NextStep, i: number): string =>
  [`${i + 1}. ${markdownText(step.why)} (${riskWords(step)})`, '', markdownBlock(step.command, 'sh', '   ')].join('\n');

function tailBlocks({ unread, accounting, skipped, inputs }: Diagnosis): readonly string[] {
  const unseen = [
    ...unread.map(({ what, why }) => `- ${markdownCode(what)}: ${markdownText(why)}`),
    ...(accounting?.notes ?? []).map((note) => `- ${markdownText(note)}`),
  ].join('\n');
  const rules = skipped.map(({ rule, because }) => `- ${markdownCode(rule)}: ${markdownText(because)}`).join('\n');
  const read = inputs.map(({ kind, file }) => `- ${markdownText(kind)} ${markdownCode(file)}`).join('\n');
  return [
    unseen === '' ? '' : `### What was not seen\n\n${unseen}`,
    rules === '' ? '' : folded(`${plural(skipped.length, 'rule')} could not look`, rules),
    read === '' ? '' : folded(`${plural(inputs.length, 'input')} read`, read),
  ];
}

/** The blank lines are needed: without them the list would be text inside of the HTML. */
const folded = (summary: string, markdown: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${markdown}\n\n</details>`;
