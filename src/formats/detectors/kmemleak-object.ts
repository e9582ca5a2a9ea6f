import type { TextLine } from '../text/line.ts';
import { parseFrame, type Frame } from './frame.ts';
import { isStackLine } from './stack-line.ts';

/** What kmemleak knows of one object. */
export interface KmemleakObject {
  /** As printed: `0xffff9f6500a01000`. */
  readonly address: string;
  /** Bytes. */
  readonly size: number;
  readonly comm?: string;
  readonly pid?: number;
  /** References it must have, and those found by the last scan; −1 of an object that is never reported. */
  readonly minCount?: number;
  readonly count?: number;
  readonly flags: readonly ('allocated' | 'reported' | 'not-scanned' | 'fully-scanned' | 'physical' | 'per-cpu')[];
  /** Innermost first. */
  readonly stack: readonly Frame[];
}

const OBJECT = /kmemleak: Object (?:\(percpu\) )?(0x[0-9a-f]{4,16}) \(size (\d{1,15})\):\s*$/;
const FIELD = /^kmemleak: {2,}(.{1,300})$/;
const FLAGS = [
  [0x01, 'allocated'],
  [0x02, 'reported'],
  [0x04, 'not-scanned'],
  [0x08, 'fully-scanned'],
  [0x10, 'physical'],
  [0x20, 'per-cpu'],
] as const;
const LONGEST = 80;

/**
 * What the kernel log says of an object after `dump=ADDRESS` was written to kmemleak: the last such entry for the address.
 * Written by mm/kmemleak.c, dump_object_info(). Undefined where there is none.
 */
export function parseKmemleakObject(lines: readonly TextLine[], address: string): KmemleakObject | undefined {
  const first = lines.findLastIndex(({ text }) => sameAddress(OBJECT.exec(text)?.[1], address));
  const [, shown = '', size] = OBJECT.exec(lines[first]?.text ?? '') ?? [];
  if (first < 0 || size === undefined) return undefined;
  const fields = new Map<string, string>();
  const stack: Frame[] = [];
  for (const { text } of lines.slice(first + 1, first + LONGEST)) {
    if (OBJECT.test(text)) break;
    const field = FIELD.exec(text)?.[1]?.trim();
    const bare = text.replace(/^kmemleak:/, '').trim();
    if (isStackLine(bare)) stack.push(...framesIn(bare));
    else if (field === undefined) break;
    else readField(field, fields);
  }
  return { address: shown, size: Number(size), ...describe(fields), stack };
}

function describe(fields: ReadonlyMap<string, string>): Omit<KmemleakObject, 'address' | 'size' | 'stack'> {
  const [pid, minCount, count] = ['pid', 'min_count', 'count'].map((name) => numberOf(fields.get(name)));
  const comm = fields.get('comm');
  return {
    ...(pid === undefined ? {} : { pid }),
    ...(comm === undefined ? {} : { comm }),
    ...(minCount === undefined ? {} : { minCount }),
    ...(count === undefined ? {} : { count }),
    flags: FLAGS.filter(([bit]) => (Number(fields.get('flags') ?? 0) & bit) !== 0).map(([, name]) => name),
  };
}

const framesIn = (text: string): readonly Frame[] => {
  const frame = parseFrame(text);
  return frame ? [frame] : [];
};

function readField(text: string, fields: Map<string, string>): void {
  const [, comm, pid] = /^comm "(.{0,64})", pid (-?\d{1,10}), jiffies \d/.exec(text) ?? [];
  if (comm !== undefined && pid !== undefined) fields.set('comm', comm).set('pid', pid);
  const [, name, value] = /^(min_count|count|flags) = (0x[0-9a-f]{1,8}|-?\d{1,10})$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) fields.set(name, value);
}

const numberOf = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

const sameAddress = (a: string | undefined, b: string): boolean => a !== undefined && BigInt(a) === BigInt(b);
