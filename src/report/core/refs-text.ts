import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreKeeper, CoreReferrer, CoreRefs } from '../../findings/core/core-refs.ts';
import { escapeTerminal } from '../escape.ts';

export function renderRefs({ address, target, referrers, count, reachable, chain, keptBy = [] }: CoreRefs): string {
  if (!target) return `${address} lies in no object, area or block of pages\n`;
  const lines = [`${address} is in ${spellReferrer(target)}`];
  if (count === 0) lines.push('nothing in the dump points there');
  else lines.push('', whoPoint(count, referrers.length), ...referrers.map((r) => `  ${spellReferrer(r)}`));
  if (count > referrers.length) lines.push(`  … ${spellCount(count - referrers.length)} more`);
  if (!reachable) lines.push('', 'no root leads there: whoever points to it is unreachable itself');
  else
    lines.push(
      '',
      'the shortest way from a root',
      ...chain.map((r, i) => `  ${'  '.repeat(Math.min(i, 12))}${spellReferrer(r)}`),
    );
  if (keptBy.length > 0)
    lines.push('', 'kept by each of these alone', ...keptBy.slice(0, MOST_KEEPERS).map(spellKeeper));
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

/** One that points there may do so by several words, a line each. */
const whoPoint = (count: number, words: number): string =>
  `${count === 1 ? '1 points' : `${spellCount(count)} point`} there${words > count ? `, by ${spellThings(words, 'word')}` : ''}`;

/** Chains of keepers are as long as lists are. */
const MOST_KEEPERS = 8;

const spellKeeper = ({ objects, bytes, ...who }: CoreKeeper): string =>
  `  ${spellReferrer(who)}: ${spellThings(objects, 'object')}, ${spellBytes(bytes)}`;

function spellReferrer({ address, inObject, symbol, place }: CoreReferrer): string {
  const at = address === undefined ? '' : `${address}  `;
  if (inObject)
    return `${at}${inObject.cache} ${inObject.object}${inObject.offset === 0 ? '' : `+${inObject.offset}`}${inObject.type === undefined ? '' : ` (${inObject.type})`}`;
  return `${at}${symbol ?? place ?? ''}`;
}
