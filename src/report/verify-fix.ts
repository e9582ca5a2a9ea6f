import type { Rate } from '../findings/finding.ts';
import type { VerifiedQuantity, VerifiedSide, VerifyFix, VerifyOutcome } from '../findings/verify-fix.ts';
import { plural, spellBytesBetween, spellHours, spellRate, spellShare, spellTime } from './amounts.ts';
import { columnsOf, escapeTerminal } from './escape.ts';
import type { TextLook } from './experiment.ts';
import { clip, pad, printLines, span, words, wrap, type Line, type Style } from './text-line.ts';

const MOST_ROWS = 14;
const MOST_NEW = 5;

const WORDS: Readonly<Record<VerifyOutcome, string>> = {
  fixed: 'FIXED',
  'not-fixed': 'NOT FIXED',
  'not-enough-data': 'NOT ENOUGH DATA',
};
const STYLES: Readonly<Record<VerifyOutcome, Style>> = {
  fixed: 'fine',
  'not-fixed': 'growth',
  'not-enough-data': 'unsure',
};

/** The result of `kleak verify-fix`. */
export function renderVerifyFix(document: VerifyFix, { width, colour }: TextLook): string {
  const { outcome, summary, before, after, quantities, newGrowth, notes, unread } = document;
  // The sentence begins with the verdict, which stands before it already.
  const sentence = summary.replace(/^(?:Fixed|Not fixed|Not enough data): /, '');
  const told = (label: string, text: string): readonly Line[] => wrap([span(label, 'faint')], words(text), width);
  const hidden = quantities.length - MOST_ROWS;
  return printLines(
    [
      ...wrap([span(`${WORDS[outcome]}  `, STYLES[outcome])], words(sentence, 'strong'), width),
      [],
      ...told('  before   ', sideWords(before)),
      ...told('  after    ', sideWords(after)),
      ...(quantities.length > 0 ? [[], ...table(quantities.slice(0, MOST_ROWS), width)] : []),
      ...(hidden > 0 ? [[span(`  … and ${hidden} more (--json)`, 'faint')]] : []),
      ...newGrowth
        .slice(0, MOST_NEW)
        .flatMap(({ name, label, rate }) => told('  new      ', `${label ?? name} grows now by ${rateWords(rate)}`)),
      ...notes.flatMap((note) => told('  note     ', note)),
      ...unread.slice(0, 8).flatMap(({ what, why }) => told('  not seen ', `${what}: ${why}`)),
    ],
    colour,
  );
}

function sideWords({ inputs, hosts, samples, hours, from, to }: VerifiedSide): string {
  const who = hosts > 1 ? `${plural(hosts, 'host')}, ` : '';
  const when =
    from !== undefined && to !== undefined ? `, ${spellTime(seconds(from))} to ${spellTime(seconds(to))}` : '';
  const each = hosts > 1 ? ' each' : '';
  return `${who}${plural(samples, 'sample')}, ${spellHours(hours)}${each}${when}: ${inputs.slice(0, 3).join(', ')}${inputs.length > 3 ? ' …' : ''}`;
}

/** Without the fraction of a second, which spellTime does not take from all. */
const seconds = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z');

function table(rows: readonly VerifiedQuantity[], width: number): readonly Line[] {
  const label = Math.min(
    28,
    Math.max(14, width - 72),
    Math.max(...rows.map((r) => columnsOf(escapeTerminal(nameOf(r))))),
  );
  const head = `  ${''.padEnd(label)}  ${'before'.padStart(14)}  ${'after'.padStart(14)}  ${'left of it, 95 % sure'.padEnd(22)} `;
  return [
    [span(clip(head, width), 'faint')],
    ...rows.map((row): Line => {
      const name = clip(nameOf(row), label);
      return [
        span(`  ${name}`, row.decides ? 'strong' : 'faint'),
        pad(label - columnsOf(name) + 2),
        span(spellRate(row.before.bytesPerHour).padStart(14)),
        span(`  ${spellRate(row.after.bytesPerHour).padStart(14)}`),
        span(`  ${leftWords(row).padEnd(22)} `),
        span(WORDS[row.outcome].toLowerCase(), STYLES[row.outcome]),
      ];
    }),
  ];
}

const nameOf = ({ kind, name, label }: VerifiedQuantity): string => (kind === 'cache' ? name : (label ?? name));

function leftWords({ left: { value, low, high } }: VerifiedQuantity): string {
  if (low === undefined || high === undefined) return spellShare(value);
  const percent = (share: number): string => (Math.round(share * 100) || 0).toString().replace('-', '−');
  return `${percent(low)} … ${percent(high)} %`;
}

function rateWords({ bytesPerHour, low, high }: Rate): string {
  const bounds = low === undefined || high === undefined ? '' : ` (95 % sure: ${spellBytesBetween(low, high)} an hour)`;
  return `${spellRate(bytesPerHour)}${bounds}`;
}
