import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import { FIELD, FLAGS, MAPPING, readSmapsFields, type SmapsAmounts } from './smaps-fields.ts';

/** The mappings of one process, added up. */
export interface Smaps {
  readonly mappings: number;
  readonly amounts: SmapsAmounts;
  /** The kernel's base page size, from KernelPageSize. Since 2.6.29. */
  readonly pageSize?: Bytes;
  /** Path of the first executable file mapped: mostly the program itself. */
  readonly program?: string;
  readonly at: Provenance;
}

const BEGINS = /^\s*(?:Size|Rss|Pss):\s+\d+ kB\s*$/;
const isDetail = (text: string): boolean => FIELD.test(text) || FLAGS.test(text);

/** Start of the mapping, or undefined where the line is none. */
function addressOf(text: string): bigint | undefined {
  const start = text.includes('[rollup]') ? undefined : MAPPING.exec(text)?.[1];
  return start === undefined ? undefined : BigInt(`0x${start}`);
}

/** Mappings as long as their addresses rise. */
function claimMappings(lines: readonly TextLine[], at: number): number {
  let end = at;
  let last = -1n;
  for (let i = at; i < lines.length && i - end <= 1; i++) {
    const text = lines[i]?.text ?? '';
    const address = addressOf(text);
    if (text.includes('[rollup]') || (address !== undefined && address < last)) break;
    if (address !== undefined) last = address;
    if (address !== undefined || isDetail(text)) end = i + 1;
  }
  return end - at;
}

/**
 * `/proc/PID/smaps`, whole or as `grep Pss:` leaves it.
 *
 * Written by fs/proc/task_mmu.c, show_smap(), since 2.6.14. Mappings stand in the order of their addresses, so that an
 * address below the one before is the next process's first.
 */
export const smaps: TextFormat<'smaps', Smaps> = {
  kind: 'smaps',
  looksFor: 'a mapping "55e0…-55e0… r-xp …" with "Size: 8 kB" and "Pss: 4 kB" below it, or "Pss: 4 kB" lines alone',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (BEGINS.test(first)) return runOf(lines, at, isDetail, 1);
    const headed = addressOf(first) !== undefined && FIELD.test(lines[at + 1]?.text ?? '');
    return headed ? claimMappings(lines, at) : 0;
  },

  parse(lines, file): Parsed<Smaps> {
    const { amounts, pageSize, problems } = readSmapsFields('smaps', lines, file);
    const program = programOf(lines);
    return {
      value: {
        mappings: lines.filter(({ text }) => MAPPING.test(text)).length,
        amounts,
        ...(pageSize ? { pageSize } : {}),
        ...(program === undefined ? {} : { program }),
        at: { kind: 'line', file, line: lines[0]?.number ?? 1 },
      },
      problems,
    };
  },
};

function programOf(lines: readonly TextLine[]): string | undefined {
  for (const { text } of lines) {
    const [, , , rights, path] = MAPPING.exec(text) ?? [];
    if (rights?.includes('x') && path?.startsWith('/')) return path.trim();
  }
  return undefined;
}
