import type { CoreMember, CoreStruct, CoreValue } from '../../../findings/core/core-struct.ts';
import { html, type Markup } from '../../html-markup.ts';
import { viewLink } from './dump-links.ts';

const MOST_ROWS = 400;
const MOST_ELEMENTS = 4;

interface Row {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly value: CoreValue;
  readonly depth: number;
}

/** A struct as a table of its members, what is inside of them indented. */
export function structTable(id: number, { type, members, size }: CoreStruct): Markup {
  const all = rowsOf(members, 0);
  const rows = all.slice(0, MOST_ROWS);
  return html`<table class="struct">
    <caption>
      <code>${type}</code>
      <small>${size} bytes${all.length > rows.length && '; the first members'}</small>
    </caption>
    <thead class="sr">
      <tr>
        <th scope="col">Offset</th>
        <th scope="col">Member</th>
        <th scope="col">Value</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <td class="n"><code>+${row.offset}</code></td>
            <th scope="row" class="d${Math.min(row.depth, 6)}" title="${row.type}">${row.name}</th>
            <td>${value(id, row.value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * The members as rows. What is inside of one that has no name stands beside it, what has a single member inside is one row with
 * it, and what is zero all through is one row.
 */
function rowsOf(members: readonly CoreMember[], depth: number): readonly Row[] {
  return members.flatMap(({ name, type, offset, value: held }): readonly Row[] => {
    if (held.kind !== 'struct') return [{ name, type, offset, value: held, depth }];
    const inside = rowsOf(held.members, name === '' ? depth : depth + 1);
    if (name === '') return inside;
    const [only] = inside;
    if (only && inside.length === 1) return [{ ...only, name: `${name}.${only.name}`, depth }];
    if (inside.every((row) => isZero(row.value))) return [{ name, type, offset, value: ZERO, depth }];
    return [{ name, type, offset, value: held, depth }, ...inside];
  });
}

const ZERO: CoreValue = { kind: 'number', value: 0 };

function isZero(held: CoreValue): boolean {
  switch (held.kind) {
    case 'number':
    case 'enum':
      return Number(held.value) === 0;
    case 'bool':
      return !held.value;
    case 'pointer':
      return /^0+$/.test(held.value);
    case 'text':
      return held.text === '';
    case 'bytes':
      return /^0*$/.test(held.bytes);
    case 'array':
      return held.elements.every(({ value: element }) => isZero(element));
    case 'struct':
      return held.members.every((member) => isZero(member.value));
    case 'place':
    case 'unreadable':
      return false;
  }
}

function value(id: number, held: CoreValue): Markup | string {
  switch (held.kind) {
    case 'number':
      return isZero(held) ? html`<span class="zero">0</span>` : String(held.value);
    case 'bool':
      return held.value ? 'true' : 'false';
    case 'enum':
      return held.constant ?? String(held.value);
    case 'text':
      return html`“${held.text}”`;
    case 'bytes':
      return html`<code>${held.bytes}</code>`;
    case 'unreadable':
      return html`<small>${held.because}</small>`;
    case 'struct':
      return '';
    case 'pointer':
    case 'place':
      return pointer(id, held);
    case 'array':
      return html`${held.elements
          .slice(0, MOST_ELEMENTS)
          .map(
            ({ times = 1, value: element }) =>
              html`${element.kind === 'struct' ? '{…}' : value(id, element)}${times > 1 && html` <small>× ${times}</small>`} `,
          )} <small>${held.count} elements</small>`;
  }
}

function pointer(id: number, held: CoreValue & { readonly kind: 'pointer' | 'place' }): Markup {
  if (/^0+$/.test(held.value)) return html`<code class="zero">0</code>`;
  // Of a union another member may be meant: what is no address of a kernel leads nowhere.
  if (!held.value.startsWith('ff')) return html`<code>${held.value}</code>`;
  const text = 'text' in held && held.text !== undefined ? html` “${held.text}”` : undefined;
  return html`<a href="${viewLink(id, held.value)}"><code>${held.symbol ?? held.value}</code></a
    >${text}`;
}
