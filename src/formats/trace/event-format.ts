import { FormatError } from '../../base/errors.ts';

/** One field of an event's record. Offsets and sizes in bytes. */
export interface EventField {
  readonly name: string;
  /** As declared in C, without the name: `unsigned long`, `__data_loc char[]`. */
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
}

/** How the records of one event are laid out, and how the kernel prints them. */
export interface EventFormat {
  readonly name: string;
  /** What `common_type` of a record holds. Given anew at every boot. */
  readonly id: number;
  readonly fields: ReadonlyMap<string, EventField>;
  /** The text behind `print fmt:`; '' where there is none. */
  readonly print: string;
}

const FIELD =
  /^\s*field:(.{1,200}?)([A-Za-z_]\w{0,80})((?:\[\w{0,20}\])?);\s*offset:(\d{1,6});\s*size:(\d{1,6});(?:\s*signed:([01]);)?\s*$/;
const MOST_FIELDS = 200;

/**
 * `events/SYSTEM/EVENT/format` and `events/header_page` of tracefs. Written by kernel/trace/trace_events.c, f_show(), and
 * kernel/trace/ring_buffer.c, ring_buffer_print_page_header(), since 2.6.29. `header_page` has fields only.
 *
 * Throws FormatError where no field can be read.
 */
export function parseEventFormat(text: string, file: string): EventFormat {
  const fields = new Map<string, EventField>();
  for (const line of text.split('\n')) {
    const [, type = '', name = '', array = '', offset, size, signed] = FIELD.exec(line.slice(0, 400)) ?? [];
    if (offset === undefined || fields.size >= MOST_FIELDS) continue;
    fields.set(name, {
      name,
      type: (type + array).trim(),
      offset: Number(offset),
      size: Number(size),
      signed: signed === '1',
    });
  }
  if (fields.size === 0) throw new FormatError('event format', 'no field can be read', { kind: 'line', file, line: 1 });
  return {
    name: /^name: (\S+)$/m.exec(text)?.[1] ?? '',
    id: Number(/^ID: (\d{1,6})$/m.exec(text)?.[1] ?? 0),
    fields,
    print: /^print fmt: (.*)$/m.exec(text)?.[1] ?? '',
  };
}

/**
 * The bit that a name stands for, by the list of names that the event prints flags with: `{(unsigned long)((gfp_t)0x400000u),
 * "__GFP_ACCOUNT"}`. The bits differ between kernels. Undefined where the list does not have it.
 */
export function flagValue(format: EventFormat, name: string): number | undefined {
  const end = format.print.indexOf(`, "${name}"}`);
  if (end < 0) return undefined;
  const words = format.print.slice(format.print.lastIndexOf('{', end), end);
  const shift = /<<\s*\(*\s*(\d{1,2})\b/.exec(words)?.[1];
  if (shift !== undefined) return 2 ** Number(shift);
  const [bits, more] = [...words.matchAll(/0x([0-9a-f]{1,8})/g)];
  return bits === undefined || more !== undefined ? undefined : Number.parseInt(bits[1] ?? '', 16);
}
