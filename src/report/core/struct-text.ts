import type {
  CoreElement,
  CoreLayout,
  CoreLayoutMember,
  CoreMember,
  CoreStruct,
  CoreValue,
} from '../../findings/core/core-struct.ts';
import { escapeTerminal } from '../escape.ts';

export interface StructTextOptions {
  /** Numbers in hexadecimal, as `struct -x`. */
  readonly hex?: boolean;
}

/** From so many equal elements on they are written once, as gdb does. */
const FOLDED_FROM = 10;
/** Elements of an array that are written. */
const MOST_ELEMENTS = 200;

/** As crash's `struct TYPE ADDRESS` prints it. */
export const renderStruct = ({ type, members }: CoreStruct, options: StructTextOptions = {}): string =>
  `${escapeTerminal(type)} {\n${renderMembers(members, 1, options)}\n}\n`;

/** Members alone, one step in, as crash's `struct TYPE.MEMBER ADDRESS` prints them; without a line end. */
export const renderMemberLines = (members: readonly CoreMember[], options: StructTextOptions = {}): string =>
  renderMembers(members, 1, options);

const indent = (level: number): string => '  '.repeat(level);

const renderMembers = (members: readonly CoreMember[], level: number, options: StructTextOptions): string =>
  members
    .map(({ name, value }) => {
      const label = name === '' ? '' : `${escapeTerminal(name)} = `;
      return `${indent(level)}${label}${renderValue(value, level, options)}`;
    })
    .join(',\n');

function renderValue(value: CoreValue, level: number, options: StructTextOptions): string {
  switch (value.kind) {
    case 'number':
      return renderNumber(value.value, options);
    case 'bool':
      return String(value.value);
    case 'enum':
      return value.constant === undefined ? renderNumber(value.value, options) : escapeTerminal(value.constant);
    case 'pointer':
    case 'place':
      return renderPointer(value);
    case 'text':
      return quoted(value.text);
    case 'array':
      return renderArray(value.count, value.elements, level, options);
    case 'struct':
      if (value.members.length === 0) return '{}';
      return `{\n${renderMembers(value.members, level + 1, options)}\n${indent(level)}}`;
    case 'bytes':
      return `<bytes ${value.bytes}>`;
    case 'unreadable':
      return `<unreadable: ${escapeTerminal(value.because)}>`;
  }
}

const renderNumber = (value: number | string, { hex = false }: StructTextOptions): string =>
  hex ? spellHex(BigInt(value)) : String(value);

const spellHex = (value: bigint): string => (value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);

function renderPointer(value: Extract<CoreValue, { kind: 'pointer' | 'place' }>): string {
  const symbol = value.symbol === undefined ? '' : ` <${escapeTerminal(value.symbol)}>`;
  const text = value.kind === 'pointer' && value.text !== undefined ? ` ${quoted(value.text)}` : '';
  return `${spellHex(BigInt(`0x${value.value}`))}${symbol}${text}`;
}

const quoted = (text: string): string => `"${escapeTerminal(text.replace(/["\\]/g, String.raw`\$&`))}"`;

function renderArray(
  count: number,
  elements: readonly CoreElement[],
  level: number,
  options: StructTextOptions,
): string {
  const written: string[] = [];
  let shown = 0;
  for (const { times = 1, value } of elements) {
    if (written.length >= MOST_ELEMENTS) break;
    // Structs in arrays stand one step further in, as gdb writes them.
    const text = renderValue(value, level + 1, options);
    if (times >= FOLDED_FROM) written.push(`${text} <repeats ${times} times>`);
    else for (let i = 0; i < times; i++) written.push(text);
    shown += times;
  }
  return `{${written.join(', ')}${shown < count ? '...' : ''}}`;
}

/** As crash's `struct -o TYPE` prints it: offsets before members, the size below. */
export function renderLayout({ type, kind, size, members }: CoreLayout): string {
  const isTagged = /^(?:struct|union) /.test(type);
  const width = `[${size}]`.length + 2;
  const lines = members.flatMap((member) => layoutLines(member, width, 0));
  const [first, last] = isTagged ? [`${type} {`, '}'] : [`typedef ${kind} {`, `} ${type};`];
  return `${[escapeTerminal(first), ...lines, escapeTerminal(last), `SIZE: ${size}`].join('\n')}\n`;
}

function layoutLines(
  { name, declaration, offset, inside }: CoreLayoutMember,
  width: number,
  level: number,
): readonly string[] {
  const step = '    '.repeat(level);
  const place = `[${offset}]`.padStart(width);
  if (!inside) return [`${place} ${step}${escapeTerminal(declaration)};`];
  const blank = ' '.repeat(width);
  return [
    `${blank} ${step}${inside.kind} {`,
    ...inside.members.flatMap((member) => layoutLines(member, width, level + 1)),
    name === '' ? `${blank} ${step}};` : `${place} ${step}} ${escapeTerminal(name)};`,
  ];
}
