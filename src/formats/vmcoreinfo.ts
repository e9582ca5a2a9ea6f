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
  const problems: Problem[] = [];
  const plain = new Map<string, string>();
  const symbols = new Map<string, bigint>();
  const numbers = new Map<string, bigint>();
  const small = {
    SIZE: new Map<string, number>(),
    OFFSET: new Map<string, number>(),
    LENGTH: new Map<string, number>(),
  };
  const torn = (i: number): void => {
    problems.push({ problem: 'a line of VMCOREINFO is torn', at: { kind: 'line', file, line: i + 1 } });
  };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const equals = line.indexOf('=');
    const [, kind = '', name = ''] = FIELD.exec(line.slice(0, equals)) ?? [];
    const value = line.slice(equals + 1).trim();
    if (i === lines.length - 1) torn(i);
    else if (equals > 0 && kind === '') plain.set(line.slice(0, equals), value);
    else if (kind === 'SYMBOL' && /^[0-9a-f]{1,16}$/i.test(value)) symbols.set(name, BigInt(`0x${value}`));
    else if (kind === 'NUMBER' && /^-?\d{1,20}$|^0x[0-9a-f]{1,16}$/i.test(value)) numbers.set(name, BigInt(value));
    else if ((kind === 'SIZE' || kind === 'OFFSET' || kind === 'LENGTH') && /^\d{1,15}$/.test(value))
      small[kind].set(name, Number(value));
    else torn(i);
  }
  const pageSize = Number(plain.get('PAGESIZE'));
  const [release, buildId, offset] = [plain.get('OSRELEASE'), plain.get('BUILD-ID'), plain.get('KERNELOFFSET')];
  const value: VmcoreInfo = {
    ...(release === undefined ? {} : { release }),
    ...(buildId !== undefined && /^[0-9a-f]{8,64}$/.test(buildId) ? { buildId } : {}),
    ...([4096, 16384, 65536].includes(pageSize) ? { pageSize } : {}),
    ...(offset !== undefined && /^[0-9a-f]{1,16}$/i.test(offset) ? { kernelOffset: BigInt(`0x${offset}`) } : {}),
    symbols,
    sizes: small.SIZE,
    offsets: small.OFFSET,
    lengths: small.LENGTH,
    numbers,
  };
  return { value, problems };
}
