import { spellBytes } from '../../base/spelling.ts';
import type { CoreRead, CoreSymbols, CoreWhatis } from '../../findings/core/core-address.ts';
import { escapeTerminal } from '../escape.ts';
import { renderPairs } from './table.ts';

export function renderWhatis({ address, physical, symbol, slab, page }: CoreWhatis): string {
  const names = slab && slab.aliases.length > 0 ? ` (also ${slab.aliases.join(', ')})` : '';
  return renderPairs([
    ['address', address],
    ['physical', physical ?? 'not mapped'],
    ['symbol', symbol],
    ['slab cache', slab && `${slab.cache}${names}, objects of ${spellBytes(slab.objectSize)}`],
    [
      'object',
      slab &&
        (slab.object === undefined ? 'none: between objects' : `${slab.object}+${slab.offset ?? 0}, ${slab.state}`),
    ],
    ['slab', slab?.slab],
    ['page frame', page && `${page.frame}, ${page.use}, ${page.state} in the dump`],
    ['struct page', page?.struct],
    ['describes', page?.describes === undefined ? undefined : `page frame ${page.describes}`],
  ]);
}

/** As crash prints them: address, letter in brackets, name. */
export function renderSymbols({ symbols }: CoreSymbols): string {
  return symbols
    .map(({ address, kind, name, offset, module }) => {
      const at = offset === undefined || offset === 0 ? '' : `+${offset}`;
      return `${address} (${kind}) ${escapeTerminal(`${name}${at}${module === undefined ? '' : ` [${module}]`}`)}\n`;
    })
    .join('');
}

/** Two words a line and what they are in ASCII, as crash's rd. */
export function renderRead({ words, bytes }: CoreRead): string {
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [first, second] = [words[i], words[i + 1]];
    const text = bytes.slice(i * 16, i * 16 + 32).replace(/../g, (pair) => printable(Number.parseInt(pair, 16)));
    lines.push(`${first?.address ?? ''}:  ${first?.value ?? ''} ${(second?.value ?? '').padEnd(16)}   ${text}\n`);
  }
  return lines.join('');
}

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');
