import type { CoreLayout, CoreLayoutMember, CoreStruct } from '../../../findings/core/core-struct.ts';
import type { ShellConstant } from '../../../findings/core/shell-block.ts';
import { escapeTerminal } from '../../escape.ts';
import { renderLayout, renderMemberLines, renderStruct } from '../struct-text.ts';

export const renderStructOf = (struct: CoreStruct, hex: boolean): readonly string[] => [renderStruct(struct, { hex })];

/** `  pid = 1,`: members alone, each with a comma behind it. */
export const renderMembersOf = ({ members }: CoreStruct, hex: boolean): readonly string[] => [
  `${renderMemberLines(members, { hex })},\n`,
];

/** A declaration; with offsets, or with the places of the members of the struct at an address. */
export function renderLayoutOf(layout: CoreLayout, offsets: boolean, address?: string): readonly string[] {
  if (offsets && address === undefined) return [renderLayout(layout)];
  const { type, kind, size, members } = layout;
  const start = address === undefined ? undefined : BigInt(`0x${address}`);
  const isTagged = /^(?:struct|union) /.test(type);
  const [first, last] = isTagged ? [`${type} {`, '}'] : [`typedef ${kind} {`, `} ${type};`];
  const lines = members.flatMap((member) => memberLines(member, start, 1));
  return [`${[escapeTerminal(first), ...lines, escapeTerminal(last), `SIZE: ${size}`].join('\n')}\n`];
}

function memberLines(
  { name, declaration, offset, inside }: CoreLayoutMember,
  start: bigint | undefined,
  level: number,
): readonly string[] {
  const place = start === undefined ? '' : `  [${(start + BigInt(offset)).toString(16).padStart(16, '0')}]`;
  const step = '    '.repeat(start === undefined ? level : level - 1);
  const line = (text: string, mark = place): string => `${mark}${start === undefined ? '' : ' '}${step}${text}`;
  if (!inside) return [line(`${escapeTerminal(declaration)};`)];
  const blank = ' '.repeat(place.length);
  return [
    line(`${inside.kind} {`, blank),
    ...inside.members.flatMap((member) => memberLines(member, start, level + 1)),
    name === '' ? line('};', blank) : line(`} ${escapeTerminal(name)};`),
  ];
}

export const renderEnum = (name: string, values: readonly ShellConstant[]): readonly string[] => [
  `enum ${escapeTerminal(name)} {\n`,
  ...values.map((constant) => `  ${escapeTerminal(constant.name)} = ${constant.value},\n`),
  '};\n',
];
