import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf, crashCommand, nextFilled } from './commands.ts';

/** Words of memory. Addresses and plain values are 16 hex digits (8 for 32-bit words); with `-s` a value may be a symbol. */
export interface CrashRd {
  readonly words: readonly { readonly address: string; readonly value: string; readonly at: Provenance }[];
}

const MOST_WORDS = 100_000;
const ROW = /^\s*(?:0x)?([0-9a-f]{8,16})(?:\s<[^>]{1,80}>)?:\s+(\S.*)$/;
const HEX = /^(?:0x)?([0-9a-f]{16}|[0-9a-f]{8})$/;
/** `single_start`, `foo+16`, `[kmalloc-128]`, `[ffff80003a5b0000:kmalloc-128]`. */
const NAMED = /^(?:[A-Za-z_][\w.$]*(?:\+\d+)?|\[[\w:.()-]+\])$/;

/**
 * `rd`, `rd -s`, `rd -S` and `x/` of crash, pasted, with or without a prompt. The characters at the end of a line say
 * nothing that the words do not.
 *
 * Written by crash memory.c, display_memory().
 */
export const crashRd: TextFormat<'crash-rd', CrashRd> = {
  kind: 'crash-rd',
  looksFor: 'memory as crash prints it: "ffff80003a5b0000:  ffff00000824edd8 ffff00000824ee00   ..$....."',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const command = crashCommand(first);
    const start = command === undefined || command === '' ? at : nextFilled(lines, at + 1);
    const symbolic = /^rd\s+-\w*[sS]|^x\//.test(command ?? '');
    if (command !== undefined && (!/^(?:rd|x\/)/.test(command) || start < 0)) return 0;
    if (wordsOf(lines[start]?.text ?? '', symbolic).length === 0) return 0;
    const named = (text: string): boolean => wordsOf(text, true).length > 0;
    const rest = blockOf(lines, start, named, (text) => crashCommand(text) !== undefined);
    return start - at + rest;
  },

  parse(lines, file): Parsed<CrashRd> {
    const words: { address: string; value: string; at: Provenance }[] = [];
    for (const { text, number } of lines) {
      for (const word of wordsOf(text, true)) {
        if (words.length < MOST_WORDS) words.push({ ...word, at: { kind: 'line', file, line: number } });
      }
    }
    return { value: { words }, problems: [] };
  },
};

/** The words of one line, two of 8 bytes or four of 4; none where it is no line of memory. `named`: symbols count as words. */
function wordsOf(text: string, named: boolean): readonly { address: string; value: string }[] {
  const [, address, rest = ''] = text.length < 300 && text.includes(':') ? (ROW.exec(text) ?? []) : [];
  if (address === undefined) return [];
  const tokens = rest.split(/\s+/);
  const width = hexOf(tokens[0])?.length === 8 ? 4 : 8;
  const other = tokens.findIndex(
    (t) => (hexOf(t)?.length ?? 0) !== width * 2 && !(named && width === 8 && NAMED.test(t)),
  );
  const words = tokens.slice(0, Math.min(16 / width, other < 0 ? tokens.length : other));
  return words.map((token, i) => ({
    address: (BigInt(`0x${address}`) + BigInt(i * width)).toString(16).padStart(16, '0'),
    value: hexOf(token) ?? token,
  }));
}

const hexOf = (token: string | undefined): string | undefined => HEX.exec(token ?? '')?.[1];
