import { spellCount } from '../../base/spelling.ts';
import type { CoreReferrer, CoreRefs } from '../../findings/core/core-refs.ts';
import { escapeTerminal } from '../escape.ts';

export function renderRefs({ address, target, referrers, count, reachable, chain }: CoreRefs): string {
  if (!target) return `${address} lies in no object, area or block of pages\n`;
  const lines = [`${address} is in ${spellReferrer(target)}`];
  if (count === 0) lines.push('nothing in the dump points there');
  else lines.push('', `${spellCount(count)} point there`, ...referrers.map((r) => `  ${spellReferrer(r)}`));
  if (count > referrers.length) lines.push(`  … ${spellCount(count - referrers.length)} more`);
  if (!reachable) lines.push('', 'no root leads there: whoever points to it is unreachable itself');
  else
    lines.push(
      '',
      'the shortest way from a root',
      ...chain.map((r, i) => `  ${'  '.repeat(Math.min(i, 12))}${spellReferrer(r)}`),
    );
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

function spellReferrer({ address, inObject, symbol, place }: CoreReferrer): string {
  const at = address === undefined ? '' : `${address}  `;
  if (inObject)
    return `${at}${inObject.cache} ${inObject.object}${inObject.offset === 0 ? '' : `+${inObject.offset}`}${inObject.type === undefined ? '' : ` (${inObject.type})`}`;
  return `${at}${symbol ?? place ?? ''}`;
}
