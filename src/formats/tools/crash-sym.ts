import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf, crashCommand, nextFilled } from './commands.ts';

export interface CrashSym {
  readonly symbols: readonly {
    /** 16 hex digits. */
    readonly address: string;
    /** Without offset; `offset` has it. */
    readonly symbol: string;
    readonly offset?: number;
    readonly module?: string;
    /** `fs/seq_file.c: 541`, path as printed. */
    readonly source?: string;
    readonly at: Provenance;
  }[];
}

const MOST_SYMBOLS = 10_000;
const ROW =
  /^\s*([0-9a-f]{8,16})\s+\(([A-Za-z?])\)\s+([A-Za-z_.$][\w.$]*)(?:\+(0x[0-9a-f]{1,8}|\d{1,8}))?(?:\s+\[(\w[\w-]*)\])?(?:\s+(\/?\S{1,300}?):?\s*(\d{1,7}))?\s*$/;

/** `sym` of crash, pasted: an address, its type letter, the symbol, and what is known of it. Written by crash symbols.c, show_symbol(). */
export const crashSym: TextFormat<'crash-sym', CrashSym> = {
  kind: 'crash-sym',
  looksFor: 'a resolved symbol: "ffff00000824edd8 (t) single_start fs/seq_file.c: 541"',
  many: true,

  claim(lines, at) {
    const command = crashCommand(lines[at]?.text ?? '');
    const start = command === undefined || command === '' ? at : nextFilled(lines, at + 1);
    if (start < 0 || !isRow(lines[start]?.text ?? '')) return 0;
    return start - at + blockOf(lines, start, isRow, (text) => crashCommand(text) !== undefined, 0);
  },

  parse(lines, file): Parsed<CrashSym> {
    const symbols = lines.flatMap(({ text, number }) => {
      const [, address, , symbol, offset, module, source, line] = isRow(text) ? (ROW.exec(text) ?? []) : [];
      if (address === undefined || symbol === undefined) return [];
      return [
        {
          address: address.padStart(16, '0'),
          symbol,
          ...(offset === undefined ? {} : { offset: Number(offset) }),
          ...(module === undefined ? {} : { module }),
          ...(source === undefined || line === undefined ? {} : { source: `${source}: ${line}` }),
          at: { kind: 'line', file, line: number } as const,
        },
      ];
    });
    return { value: { symbols: symbols.slice(0, MOST_SYMBOLS) }, problems: [] };
  },
};

const isRow = (text: string): boolean => text.length < 600 && /^\s*[0-9a-f]{8,16}\s+\(/.test(text) && ROW.test(text);
