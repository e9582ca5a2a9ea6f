import type { CoreLayout, CoreLayoutMember, CoreStruct } from '../../../findings/core/core-struct.ts';
import type { ShellConstant } from '../../../findings/core/shell-block.ts';
import { escapeTerminal } from '../../escape.ts';
import { renderMemberLines, renderStruct } from '../struct-text.ts';

export const renderStructOf = (struct: CoreStruct, hex: boolean): readonly string[] => [renderStruct(struct, { hex })];

/** `  pid = 1,`: members alone, each with a comma behind it. */
export const renderMembersOf = ({ members }: CoreStruct, hex: boolean): readonly string[] => [
  `${renderMemberLines(members, { hex })},\n`,
];

/** How the place of a member is written before it. */
interface Places {
  readonly of: (offset: number) => string;
  readonly blank: string;
  /** How far members stand in. */
  readonly step: string;
}

/**
 * A declaration; with offsets, or with the places of the members of the struct at an address. `isWhole`: all members, then
 * the size stands below.
 */
export function renderLayoutOf(
  { type, kind, size, members }: CoreLayout,
  offsets: boolean,
  isWhole: boolean,
  address?: string,
): readonly string[] {
  const places = placesOf(size, offsets, address);
  const isTagged = /^(?:struct|union) /.test(type);
  const [first, last] = isTagged ? [`${type} {`, '}'] : [`typedef ${kind} {`, `} ${type};`];
  const lines = members.flatMap((member) => memberLines(member, places, places.step));
  return [
    `${[escapeTerminal(first), ...lines, escapeTerminal(last)].join('\n')}\n`,
    ...(isWhole ? [`SIZE: ${size}\n`] : []),
  ];
}

function placesOf(size: number, offsets: boolean, address: string | undefined): Places {
  if (!offsets) return { of: () => '', blank: '', step: '    ' };
  const start = address === undefined ? undefined : BigInt(`0x${address}`);
  const width = start === undefined ? `[${size}]`.length + 2 : 20;
  const spell = (offset: number): string =>
    start === undefined ? String(offset) : (start + BigInt(offset)).toString(16).padStart(16, '0');
  return { of: (offset) => `${`[${spell(offset)}]`.padStart(width)} `, blank: ' '.repeat(width + 1), step: '' };
}

function memberLines(
  { name, declaration, offset, inside }: CoreLayoutMember,
  places: Places,
  step: string,
): readonly string[] {
  const place = places.of(offset);
  if (!inside) return [`${place}${step}${escapeTerminal(declaration)};`];
  return [
    `${places.blank}${step}${inside.kind} {`,
    ...inside.members.flatMap((member) => memberLines(member, places, `${step}    `)),
    name === '' ? `${places.blank}${step}};` : `${place}${step}} ${escapeTerminal(name)};`,
  ];
}

export const renderEnum = (name: string, values: readonly ShellConstant[]): readonly string[] => [
  `enum ${escapeTerminal(name)} {\n`,
  ...values.map((constant) => `  ${escapeTerminal(constant.name)} = ${constant.value},\n`),
  '};\n',
];
