import type { Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';

/** Amounts of one process by the names smaps uses (`Pss`, `Rss`, `Anonymous` …), mappings added up. */
export type SmapsAmounts = ReadonlyMap<string, Bytes>;

/** `7f0c…-7f0c… r-xp 00000000 fe:00 260386   /usr/bin/head`: where, how, offset, device, inode, path. */
export const MAPPING: RegExp =
  /^\s*([0-9a-f]{4,16})-([0-9a-f]{4,16}) ([r-][w-][x-][ps]) [0-9a-f]{1,16} [0-9a-f]{2,5}:[0-9a-f]{2,5} \d+(?:\s+(\S.*))?$/;
export const FIELD: RegExp =
  /^\s*(Size|KernelPageSize|MMUPageSize|Rss|Pss\w*|Shared_\w+|Private_\w+|Referenced|Anonymous|KSM|LazyFree|AnonHugePages|ShmemPmdMapped|FilePmdMapped|Swap|SwapPss|Locked):\s+(\d+) kB\s*$/;
/** Lines of a mapping that hold no amount. */
export const FLAGS: RegExp = /^\s*(?:VmFlags:|THPeligible:|ProtectionKey:|Nonlinear:|Name:)/;
const TORN = /^\s*[A-Z][A-Za-z_]*:/;

export interface SmapsRead {
  readonly amounts: SmapsAmounts;
  /** Smallest page size of any mapping: the kernel's base page, huge page mappings aside. */
  readonly pageSize?: Bytes;
  readonly problems: readonly Problem[];
}

/** Adds up the amounts of all mappings. Page sizes are not amounts and are kept apart. */
export function readSmapsFields(format: string, lines: readonly TextLine[], file: string): SmapsRead {
  const amounts = new Map<string, Bytes>();
  const problems: Problem[] = [];
  let pageSize: Bytes | undefined;
  for (const { text, number } of lines) {
    const at: Provenance = { kind: 'line', file, line: number };
    const [, name = '', digits] = FIELD.exec(text) ?? [];
    const sum = Number(digits) + (amounts.get(name) ?? 0) / 1024;
    if (digits === undefined ? TORN.test(text) && !FLAGS.test(text) : !isQuantity(sum * 1024))
      problems.push({ problem: `${format}: unreadable line`, at });
    else if (name === 'KernelPageSize') pageSize = kibibytes(Math.min(Number(digits), (pageSize ?? Infinity) / 1024));
    else if (digits !== undefined && name !== 'MMUPageSize') amounts.set(name, kibibytes(sum));
  }
  return { amounts, ...(pageSize ? { pageSize } : {}), problems };
}
