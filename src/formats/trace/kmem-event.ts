import type { EventField, EventFormat } from './event-format.ts';

/**
 * An address of the kernel as a number: its low 52 bits, which are exact, and which no two objects of a machine share. The
 * bits above are all ones but for the direct map of five-level page tables.
 */
export type AddressKey = number;

/** One allocation or free, as the kernel's tracepoints tell it. */
export interface KmemEvent {
  readonly kind: 'allocated' | 'freed';
  /** The event's name: `kmalloc`, `kmem_cache_alloc_node`, `kfree`, … */
  readonly event: string;
  /** Nanoseconds of the trace's clock. */
  readonly at: number;
  /** Of the task that ran; with `interrupt` it is only the one that was interrupted. */
  readonly pid: number;
  readonly interrupt: boolean;
  readonly pointer: AddressKey;
  /** Where the allocator returns to. */
  readonly site: AddressKey;
  /** Bytes asked for and given; 0 of a free. */
  readonly requested: number;
  readonly given: number;
  /** gfp flags, with the bits of this kernel; 0 of a free. */
  readonly flags: number;
  /** Charged to a memory cgroup, where the event says. */
  readonly accounted?: boolean;
  /** The cache, where the event says: only kmem_cache_free, since 5.12. */
  readonly cache?: string;
}

/** Reads records of one kind of event. */
export interface KmemDecoder {
  readonly name: string;
  readonly kind: KmemEvent['kind'];
  /** Undefined where the record is too short, and for `kfree(NULL)`. */
  decode(page: DataView, offset: number, length: number, at: number): KmemEvent | undefined;
}

/** `common_flags`: in a hard or soft interrupt (include/linux/trace_events.h). */
const IN_INTERRUPT = 0x08 | 0x10;
const HIGH_BITS = 0xf_ffff;
const NO_FIELD: EventField = { name: '', type: '', offset: 0, size: 0, signed: false };
const LONGEST_NAME = 64;

/**
 * A decoder by an event's own format, from include/trace/events/kmem.h; undefined where it lacks the fields that matter.
 * Until 6.0 there are kmalloc_node and kmem_cache_alloc_node beside; `accounted` came with 6.1.
 */
export function kmemDecoder(format: EventFormat, littleEndian: boolean): KmemDecoder | undefined {
  const of = (name: string): EventField => format.fields.get(name) ?? NO_FIELD;
  const [pointer, site] = [of('ptr'), of('call_site')];
  if (pointer.size === 0 || site.size === 0) return undefined;
  const kind = format.fields.has('bytes_alloc') ? 'allocated' : 'freed';
  const [given, requested, flags] = [of('bytes_alloc'), of('bytes_req'), of('gfp_flags')];
  const [accounted, name, pid, context] = [of('accounted'), of('name'), of('common_pid'), of('common_flags')];
  const needed = Math.max(...[...format.fields.values()].map((f) => f.offset + f.size));
  return {
    name: format.name,
    kind,
    decode(page, offset, length, at) {
      if (length < needed || offset + length > page.byteLength) return undefined;
      const address = key(page, offset, pointer, littleEndian);
      if (address === 0) return undefined;
      const cache = nameIn(page, offset, length, name, littleEndian);
      return {
        kind,
        event: format.name,
        at,
        pid: page.getInt32(offset + pid.offset, littleEndian),
        interrupt: context.size > 0 && (page.getUint8(offset + context.offset) & IN_INTERRUPT) !== 0,
        pointer: address,
        site: key(page, offset, site, littleEndian),
        requested: key(page, offset, requested, littleEndian),
        given: key(page, offset, given, littleEndian),
        flags: key(page, offset, flags, littleEndian),
        ...(accounted.size === 0 ? {} : { accounted: page.getUint8(offset + accounted.offset) !== 0 }),
        ...(cache === undefined ? {} : { cache }),
      };
    },
  };
}

/** The stack behind an allocation: addresses that functions return to, innermost first. */
export function decodeStack(
  format: EventFormat,
  page: DataView,
  offset: number,
  length: number,
  littleEndian: boolean,
): readonly AddressKey[] {
  const [size, caller] = [format.fields.get('size'), format.fields.get('caller')];
  if (!caller) return [];
  const word = /long/.test(caller.type) && caller.size % 8 !== 0 ? 4 : 8;
  const room = Math.floor((length - caller.offset) / word);
  const stated = size ? page.getUint32(offset + size.offset, littleEndian) : room;
  const stack: AddressKey[] = [];
  for (let i = 0; i < Math.min(stated, room); i++)
    stack.push(key(page, offset, { ...caller, offset: caller.offset + i * word, size: word }, littleEndian));
  return stack;
}

/** 0 where there is no such field. */
function key(page: DataView, offset: number, field: EventField, littleEndian: boolean): number {
  const at = offset + field.offset;
  if (field.size === 8) {
    const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
    return (page.getUint32(high, littleEndian) & HIGH_BITS) * 2 ** 32 + page.getUint32(low, littleEndian);
  }
  return field.size === 4 ? page.getUint32(at, littleEndian) : 0;
}

/** `__data_loc`: length and place of the text in one number; a plain array holds it itself. */
function nameIn(
  page: DataView,
  offset: number,
  length: number,
  field: EventField,
  little: boolean,
): string | undefined {
  if (field.size === 0) return undefined;
  const located = field.type.startsWith('__data_loc');
  const word = located ? page.getUint32(offset + field.offset, little) : 0;
  const start = located ? word & 0xffff : field.offset;
  const end = Math.min(length, start + Math.min(LONGEST_NAME, located ? word >>> 16 : field.size));
  let text = '';
  for (let i = start; i < end; i++) {
    const code = page.getUint8(offset + i);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}
