import type { Parsed, Problem } from '../base/errors.ts';

/**
 * The note that a kernel leaves for readers of its dump: `KEY=VALUE` lines, written by kernel/vmcore_info.c (before 6.9
 * kernel/crash_core.c). Offsets and sizes in bytes, symbols as they were in the running kernel (KASLR included).
 */
export interface VmcoreInfo {
  readonly release?: string;
  readonly buildId?: string;
  /** Bytes; absent where the note is torn. */
  readonly pageSize?: number;
  /** How far KASLR moved the image, in bytes. */
  readonly kernelOffset?: bigint;
  readonly symbols: ReadonlyMap<string, bigint>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly offsets: ReadonlyMap<string, number>;
  readonly lengths: ReadonlyMap<string, number>;
  /** NUMBER(x), signed as written. */
  readonly numbers: ReadonlyMap<string, bigint>;
}

/** The first line of every note. The page that the kernel keeps it in begins with it. */
export const VMCOREINFO_START = 'OSRELEASE=';

const FIELD = /^(SYMBOL|SIZE|OFFSET|LENGTH|NUMBER)\(([^)]*)\)$/;

/**
 * Reads what is whole; a line that is no `KEY=VALUE`, holds no number or lacks its end is a problem: the kernel ends every
 * line, and half a number is a wrong one.
 */
export function parseVmcoreInfo(text: string, file: string): Parsed<VmcoreInfo> {
  const { plain, found, problems } = sortLines(text, file);
  const pageSize = Number(plain.get('PAGESIZE'));
  const [release, buildId, offset] = [plain.get('OSRELEASE'), plain.get('BUILD-ID'), plain.get('KERNELOFFSET')];
  const value: VmcoreInfo = {
    ...(release === undefined ? {} : { release }),
    ...(buildId !== undefined && /^[0-9a-f]{8,64}$/.test(buildId) ? { buildId } : {}),
    ...([4096, 16384, 65536].includes(pageSize) ? { pageSize } : {}),
    ...(offset !== undefined && /^[0-9a-f]{1,16}$/i.test(offset) ? { kernelOffset: BigInt(`0x${offset}`) } : {}),
    symbols: found.SYMBOL,
    sizes: found.SIZE,
    offsets: found.OFFSET,
    lengths: found.LENGTH,
    numbers: found.NUMBER,
  };
  return { value, problems };
}

interface Found {
  readonly SYMBOL: Map<string, bigint>;
  readonly NUMBER: Map<string, bigint>;
  readonly SIZE: Map<string, number>;
  readonly OFFSET: Map<string, number>;
  readonly LENGTH: Map<string, number>;
}

/** `plain` has the lines without parentheses. */
function sortLines(
  text: string,
  file: string,
): { readonly plain: ReadonlyMap<string, string>; readonly found: Found; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const plain = new Map<string, string>();
  const found: Found = { SYMBOL: new Map(), NUMBER: new Map(), SIZE: new Map(), OFFSET: new Map(), LENGTH: new Map() };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const equals = line.indexOf('=');
    const key = line.slice(0, equals);
    const field = FIELD.exec(key);
    const value = line.slice(equals + 1).trim();
    const whole = equals > 0 && i < lines.length - 1;
    if (whole && !field) plain.set(key, value);
    else if (!whole || !keep(found, field?.[1], field?.[2] ?? '', value))
      problems.push({ problem: 'a line of VMCOREINFO is torn', at: { kind: 'line', file, line: i + 1 } });
  }
  return { plain, found, problems };
}

/** False where the value is none of its kind. */
function keep(found: Found, kind: string | undefined, name: string, value: string): boolean {
  if (kind === 'SYMBOL' && /^[0-9a-f]{1,16}$/i.test(value)) found.SYMBOL.set(name, BigInt(`0x${value}`));
  else if (kind === 'NUMBER' && /^-?\d{1,20}$|^0x[0-9a-f]{1,16}$/i.test(value)) found.NUMBER.set(name, BigInt(value));
  else if ((kind === 'SIZE' || kind === 'OFFSET' || kind === 'LENGTH') && /^\d{1,15}$/.test(value))
    found[kind].set(name, Number(value));
  else return false;
  return true;
}
