import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import { crashCommand, leadingCommand, nextFilled, textAt } from './commands.ts';

export interface CrashMember {
  /** Nested structures are joined with dots: `f_path.dentry`. */
  readonly name: string;
  readonly value: string;
  /** In angle brackets behind an address, without offset. */
  readonly symbol?: string;
}
export interface CrashStruct {
  /** `struct seq_operations`, or the name of the variable printed. */
  readonly type: string;
  /** 16 hex digits; absent where the command was cut off. */
  readonly address?: string;
  readonly members: readonly CrashMember[];
  readonly at: Provenance;
}
export interface CrashStructs {
  readonly structs: readonly CrashStruct[];
}

const MOST_MEMBERS = 5_000;
const MOST_LINES = 20_000;
const MOST_DEPTH = 40;
const LONGEST_VALUE = 200;
const OPEN = /^\s*(?:(?:struct|union)\s+(\w+)|(\$?\w+)(?:\s*=\s*\$\d+)?\s*=)\s*\{\s*$/;
/** Commands whose output may be single members. */
const COMMAND = /^(?:\*|struct\s|union\s|p\s|\w+(?:\.\w+)+\s)/;
/** `struct TYPE ADDRESS`, `*TYPE ADDRESS`, `TYPE ADDRESS`, `TYPE.member ADDRESS`. */
const TARGET = /^(?:\*|(struct|union)\s+)?(?:-\w\s+)?(\w+)(?:\.[\w.,]+)?\s+(?:-\w+\s+)*(?:0x)?([0-9a-f]{8,16})\b/;
const MEMBER = /^\s*([A-Za-z_][\w.]*(?:\[\d+\])?)\s*=\s*(\S.*)$/;

/**
 * A structure as crash prints it: `struct TYPE ADDRESS`, `TYPE ADDRESS`, `p`, `struct TYPE.member ADDRESS`.
 *
 * Written by gdb within crash; symbols.c, dump_struct() asks for it.
 */
export const crashStruct: TextFormat<'crash-struct', CrashStructs> = {
  kind: 'crash-struct',
  looksFor: 'a structure as crash prints it: "struct seq_operations {", "start = 0xffff… <single_start>,"',
  many: true,

  claim(lines, at) {
    const command = crashCommand(textAt(lines, at));
    const start = command === undefined || command === '' ? at : nextFilled(lines, at + 1);
    const first = textAt(lines, start);
    if (start < 0 || first.length > 500) return 0;
    if (OPEN.test(first) && (command !== undefined || opensValues(lines, start)))
      return start - at + untilClosed(lines, start);
    return COMMAND.test(command ?? '') && isMember(first) ? start - at + runOf(lines, start, isMember) : 0;
  },

  parse(lines, file): Parsed<CrashStructs> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const open = lines.findIndex(({ text }) => OPEN.test(text));
    const [, kind, named, address] = TARGET.exec(leadingCommand(lines)) ?? [];
    const [, tag, variable] = OPEN.exec(textAt(lines, open)) ?? [];
    const type = variable ?? `${kind === 'union' ? 'union' : 'struct'} ${tag ?? named ?? ''}`.trim();
    const members = readMembers(lines.slice(open < 0 && leadingCommand(lines) !== '' ? 1 : open + 1));
    const struct = { type, ...(address === undefined ? {} : { address: address.padStart(16, '0') }), members, at };
    const cut = { problem: `struct: only the first ${MOST_MEMBERS} members were read`, at };
    return {
      value: { structs: members.length === 0 ? [] : [struct] },
      problems: members.length >= MOST_MEMBERS ? [cut] : [],
    };
  },
};

const isMember = (text: string): boolean =>
  text.length < 5_000 && MEMBER.test(text) && crashCommand(text) === undefined;

/** Values below, not declarations: C source opens its structures alike. */
const opensValues = (lines: readonly TextLine[], at: number): boolean =>
  MEMBER.test(lines[at + 1]?.text ?? '') && !/;\s*$/.test(lines[at + 1]?.text ?? '');

function untilClosed(lines: readonly TextLine[], at: number): number {
  let depth = 0;
  for (let i = at; i < Math.min(lines.length, at + MOST_LINES); i++) {
    const text = lines[i]?.text ?? '';
    if (i > at && crashCommand(text) !== undefined) return i - at;
    depth += count(text, '{') - count(text, '}');
    if (depth <= 0) return i - at + 1;
  }
  return Math.min(lines.length - at, MOST_LINES);
}

const count = (text: string, brace: string): number => text.split(brace).length - 1;

function readMembers(lines: readonly TextLine[]): readonly CrashMember[] {
  const members: CrashMember[] = [];
  const path: string[] = [];
  for (const { text } of lines) {
    if (text.length > 5_000) continue;
    const [, name = '', rest = ''] = MEMBER.exec(text) ?? [];
    const value = rest.trim().replace(/,$/, '');
    if (name !== '' && !/^\{+$/.test(value) && members.length < MOST_MEMBERS) {
      const symbol = /<([A-Za-z_.$][\w.$]*)(?:\+\d+)?>/.exec(value)?.[1];
      const full = [...path.filter((p) => p !== ''), name].join('.');
      members.push({ name: full, value: value.slice(0, LONGEST_VALUE), ...(symbol === undefined ? {} : { symbol }) });
      continue;
    }
    for (let i = count(text, '}'); i > 0; i--) path.pop();
    for (let i = count(text, '{'); i > 0 && path.length < MOST_DEPTH; i--) path.push(name);
  }
  return members;
}
