import type { CoreLead, CoreView, CoreViewRow, CoreViewWord } from '../../../findings/core/core-view.ts';
import { PAGE_USES } from '../../../findings/core/page-uses.ts';
import { spellBytes } from '../../amounts.ts';
import { html, type Markup } from '../../html-markup.ts';
import { tiles } from '../../html-tiles.ts';
import { dumpPage } from './dump-frame.ts';
import { cacheLink, refsLink, viewLink, type DumpName } from './dump-links.ts';
import { placeTabs } from './place-head.ts';
import { structTable } from './struct-table.ts';

/** Words alike in a row from so many on are shown once. */
const ALIKE = 4;

/** Memory at an address: numbers, characters, and where each number leads. `type`: the struct that it is to be read as. */
export function viewPage(dump: DumpName, view: CoreView, type: string | undefined): string {
  const { at, struct, structProblem } = view;
  const address = at.slab?.object ?? at.address;
  const title = at.slab
    ? `${struct?.type ?? 'Object'} in ${at.slab.cache}`
    : at.symbol !== undefined
      ? at.symbol
      : `Memory at ${at.address}`;
  return dumpPage(
    dump,
    'place',
    title,
    html`${whatis(dump, view)} ${placeTabs(dump.id, address, 'view', type)}
      <div class="${struct ? 'two memory' : 'memory'}">
        <div>${controls(dump, view, type)} ${memoryTable(dump.id, view)} ${neighbours(dump, view)}</div>
        ${struct && html`<div>${structTable(dump.id, struct)}</div>`}
      </div>
      ${structProblem !== undefined && html`<p role="alert">Not to be read as ${type}: ${structProblem}</p>`}`,
    at.address,
  );
}

function whatis({ id }: DumpName, { at }: CoreView): Markup {
  const { address, physical, symbol, slab, page } = at;
  const isWithin = slab?.object !== undefined && slab.object !== address;
  return tiles([
    [
      'Address',
      html`<code>${address}</code>`,
      physical === undefined ? 'not mapped' : `physical ${physical.replace(/^0+(?=.)/, '')}`,
    ],
    ...(slab
      ? [
          [
            'Cache',
            html`<a href="${cacheLink(id, slab.cache)}">${slab.cache}</a>`,
            `objects of ${spellBytes(slab.objectSize)}`,
          ] as const,
          [
            'Object',
            slab.object === undefined ? 'between objects' : (STATES[slab.state ?? 'unknown'] ?? ''),
            isWithin ? `begins at ${slab.object ?? ''}, ${slab.offset ?? 0} bytes before` : '',
          ] as const,
        ]
      : []),
    ...(symbol === undefined ? [] : [['Symbol', html`<code>${symbol}</code>`] as const]),
    ...(page === undefined || slab
      ? []
      : [['Page', PAGE_USES[page.use] ?? page.use, `frame ${page.frame}, ${page.state} in the dump`] as const]),
  ]);
}

const STATES: Readonly<Record<string, string>> = {
  allocated: 'in use',
  free: 'free',
  unknown: 'not known whether in use',
};

const controls = ({ id }: DumpName, { at, bytes }: CoreView, type: string | undefined): Markup =>
  html`<form class="tools" method="get" action="/dump/${id}/view">
    <input type="hidden" name="address" value="${at.address}" />
    <label class="inline"
      >bytes <input name="bytes" type="number" min="16" max="4096" step="16" value="${bytes}"
    /></label>
    <label class="inline"
      >as struct
      <input
        name="type"
        value="${type ?? ''}"
        placeholder="task_struct"
        maxlength="100"
        spellcheck="false"
        autocapitalize="none"
    /></label>
    <button type="submit">Show</button>
  </form>`;

function neighbours({ id }: DumpName, { from, bytes }: CoreView): Markup {
  const at = (distance: number): string => viewLink(id, shifted(from, distance), { bytes });
  return html`<p class="chips">
    <a href="${at(-bytes)}" rel="prev">← ${spellBytes(bytes)} before</a>
    <a href="${at(bytes)}" rel="next">${spellBytes(bytes)} after →</a>
  </p>`;
}

const shifted = (address: string, distance: number): string =>
  BigInt.asUintN(64, BigInt(`0x${address}`) + BigInt(distance))
    .toString(16)
    .padStart(16, '0');

interface Line {
  readonly word: CoreViewWord;
  readonly offset: number;
  readonly text: string;
  readonly times: number;
}

function memoryTable(id: number, { rows, from }: CoreView): Markup {
  const lines = rows.flatMap((row): readonly (Line | CoreViewRow)[] =>
    row.bytes === undefined ? [row] : linesOf(row),
  );
  return html`<table class="hex">
    <caption class="sr">
      Memory from ${from} on, a number of eight bytes a row
    </caption>
    <thead>
      <tr>
        <th scope="col">Offset</th>
        <th scope="col">Number</th>
        <th scope="col">Text</th>
        <th scope="col">Leads to</th>
      </tr>
    </thead>
    <tbody>
      ${folded(lines).map((line) => ('word' in line ? wordRow(id, line) : missingRow(line)))}
    </tbody>
  </table>`;
}

const linesOf = ({ words, offset, bytes = '' }: CoreViewRow): readonly Line[] =>
  words.map((word, i) => ({
    word,
    offset: offset + i * 8,
    text: printable(bytes.slice(i * 16, i * 16 + 16)),
    times: 1,
  }));

/** Runs of the same number, and of what is missing, become one row. */
function folded(lines: readonly (Line | CoreViewRow)[]): readonly (Line | CoreViewRow)[] {
  const found: (Line | CoreViewRow)[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    if (!line) break;
    let end = i + 1;
    while (end < lines.length && alike(line, lines[end])) end++;
    if ('word' in line && end - i >= ALIKE) found.push({ ...line, times: end - i });
    else if ('word' in line) found.push(...lines.slice(i, end));
    else found.push(line);
    i = end;
  }
  return found;
}

const alike = (a: Line | CoreViewRow, b: Line | CoreViewRow | undefined): boolean =>
  b !== undefined &&
  ('word' in a ? 'word' in b && a.word.value === b.word.value : !('word' in b) && a.missing === b.missing);

const wordRow = (id: number, { word, offset, text, times }: Line): Markup =>
  html`<tr>
    <th scope="row"><code>+${offset.toString(16).padStart(3, '0')}</code></th>
    <td><code class="${/^0+$/.test(word.value) ? 'zero' : ''}">${word.value}</code></td>
    <td><code class="chars">${text}</code></td>
    <td>
      ${times > 1 ? html`<small>${times} times the same</small>` : word.leads && lead(id, word.value, word.leads)}
    </td>
  </tr>`;

const missingRow = ({ offset, missing }: CoreViewRow): Markup =>
  html`<tr>
    <th scope="row"><code>+${offset.toString(16).padStart(3, '0')}</code></th>
    <td colspan="3"><small>${missing}</small></td>
  </tr>`;

/** Where a number leads, and the way to it. */
function lead(id: number, value: string, to: CoreLead): Markup {
  switch (to.kind) {
    case 'symbol':
      return html`<a href="${viewLink(id, value)}">${to.symbol}</a>`;
    case 'object':
      return html`<a href="${viewLink(id, to.object)}">${to.cache}${to.offset > 0 && ` +${to.offset}`}</a>
        ${to.state === 'free' && html`<small class="lost-count">free</small>`}
        <a class="aside" href="${refsLink(id, to.object)}" aria-label="who points to ${to.object}">refs</a>`;
    case 'page':
      return html`<a href="${viewLink(id, value)}">${to.use}</a>`;
  }
}

const printable = (hex: string): string =>
  hex.replaceAll(/../g, (pair) => {
    const code = Number.parseInt(pair, 16);
    return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
  });
