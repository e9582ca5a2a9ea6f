import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { nextFilled } from './commands.ts';
import { quantity } from './size.ts';

/** The sum over processes that a command line works out, one of the two. */
export interface ProcessSum {
  readonly rss?: { readonly bytes: Bytes; readonly at: Provenance };
  readonly pss?: { readonly bytes: Bytes; readonly at: Provenance };
}

const NUMBER = /^\s*(\d{1,18}(?:\.\d{1,9})?(?:e\+?\d{1,2})?)\s*([kKmMgG]?)i?[bB]?\s*$/;

/**
 * A command line that sums RSS or PSS with awk, followed by its answer, one number. The unit is KiB, that of ps and of
 * smaps, unless the answer has a suffix or the command divides by 1024.
 */
export const psRssSum: TextFormat<'ps-rss-sum', ProcessSum> = {
  kind: 'ps-rss-sum',
  looksFor: 'a command such as "ps aux | awk \'{sum+=$6} END {print sum}\'" with its answer below',
  many: false,

  claim(lines, at) {
    if (summed(lines[at]?.text ?? '') === undefined) return 0;
    const answer = nextFilled(lines, at + 1);
    return answer > 0 && NUMBER.test(lines[answer]?.text ?? '') ? answer - at + 1 : 0;
  },

  parse(lines, file): Parsed<ProcessSum> {
    const command = lines[0]?.text ?? '';
    const what = summed(command);
    const answer = lines.at(-1);
    const [, digits, suffix = ''] = NUMBER.exec(answer?.text ?? '') ?? [];
    const divisions = Math.min(3, command.match(/\/\s*1024\b/g)?.length ?? 0);
    const scale = suffix === '' ? 1024 ** (1 + divisions) : 1024 ** (1 + 'kmg'.indexOf(suffix.toLowerCase()));
    const bytes = quantity(Number(digits) * scale);
    const at = { kind: 'line', file, line: answer?.number ?? 1 } as const;
    const value = what === undefined || bytes === undefined ? {} : { [what]: { bytes, at } };
    return { value, problems: bytes === undefined ? [{ problem: 'ps-rss-sum: unreadable number', at }] : [] };
  },
};

/** What the command sums: column 6 of `ps aux`, an rss column, or a field of smaps. */
function summed(text: string): 'rss' | 'pss' | undefined {
  if (text.length > 500 || !text.includes('awk')) return undefined;
  if (/smaps/.test(text)) return /Pss|pss/.test(text) ? 'pss' : /Rss|rss/.test(text) ? 'rss' : undefined;
  if (/\bsmem\b/.test(text)) return /pss/i.test(text) ? 'pss' : undefined;
  if (!/\bps\s/.test(text)) return undefined;
  return /\brs[sz]\b/i.test(text) || (/\bps\s+-?a?u?x?w*\b/.test(text) && /\$6\b/.test(text)) ? 'rss' : undefined;
}
