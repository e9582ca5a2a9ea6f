import type { CoreSymbol } from '../../../findings/core/core-address.ts';
import type { ShellHit, ShellMemoryRow, ShellNumbers } from '../../../findings/core/shell-memory.ts';
import { escapeTerminal } from '../../escape.ts';

/** Columns of a decimal number, by its size. */
const DECIMALS = { 1: 4, 2: 7, 4: 12, 8: 20 } as const;
const TEXT_COLUMNS = 60;
const ROW = 16;

/** `ffffffff81a2b4c4 (T) vfs_open+4 [module]`. */
export function* renderSymbols(symbols: Iterable<CoreSymbol>): Generator<string> {
  for (const { address, kind, name, offset, module } of symbols) {
    const at = offset === undefined || offset === 0 ? '' : `+${offset}`;
    yield `${address} (${kind}) ${escapeTerminal(`${name}${at}${module === undefined ? '' : ` [${module}]`}`)}\n`;
  }
}

export function* renderMemory(rows: Iterable<ShellMemoryRow>, numbers: ShellNumbers): Generator<string> {
  const { size, text } = numbers;
  const width = (ROW / size) * (size * 2 + 1) - 1;
  for (const { address, bytes, names } of rows) {
    const cells = numbersOf(bytes, numbers).map((cell, i) => escapeTerminal(names?.[i] ?? cell).padEnd(cell.length));
    const line = `${shortAddress(address)}:  ${cells.join(' ')}`;
    yield text ? `${line.padEnd(19 + width)}   ${characters(bytes)}\n` : `${line.trimEnd()}\n`;
  }
}

/** Physical addresses and those of programs without the zeros before them. */
const shortAddress = (address: string): string => address.replace(/^0+(?=.)/, '').padStart(16);

function numbersOf(bytes: string, { size, base }: ShellNumbers): readonly string[] {
  return (bytes.match(new RegExp(`.{${size * 2}}`, 'g')) ?? []).map((part) => {
    const hex = (part.match(/../g) ?? []).toReversed().join('');
    if (base === 'hex') return hex;
    const value = BigInt(`0x${hex}`);
    return String(base === 'signed' ? BigInt.asIntN(size * 8, value) : value).padStart(DECIMALS[size]);
  });
}

const characters = (bytes: string): string =>
  bytes.replace(/../g, (pair) => {
    const byte = Number.parseInt(pair, 16);
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  });

/** A text, of one character a byte, in lines of sixty, each with its address. */
export function* renderMemoryText(address: string, text: string): Generator<string> {
  const start = BigInt(`0x${address}`);
  for (let at = 0; at === 0 || at < text.length; at += TEXT_COLUMNS) {
    const line = text.slice(at, at + TEXT_COLUMNS);
    yield `${(start + BigInt(at)).toString(16).padStart(16)}:  ${escapeTerminal(line)}\n`;
  }
}

/** `''` while nothing is found, so that whoever writes it can stop in between. */
export function* renderHits(hits: Iterable<ShellHit | undefined>): Generator<string> {
  for (const hit of hits) yield hit ? `${shortAddress(hit.address)}: ${escapeTerminal(hit.value)}\n` : '';
}

const UNITS: readonly (readonly [bytes: bigint, name: string])[] = [
  [2n ** 30n, 'GB'],
  [2n ** 20n, 'MB'],
  [2n ** 10n, 'KB'],
];

/** As crash's eval: one number in four bases. */
export function renderNumber(value: string, bits: boolean): readonly string[] {
  const number = BigInt(`0x${value}`);
  const signed = BigInt.asIntN(64, number);
  const unit = UNITS.find(([bytes]) => number > 0n && number % bytes === 0n && number < bytes * 1024n * 1024n);
  const size = unit ? `  (${number / unit[0]}${unit[1]})` : '';
  const places = Array.from({ length: 64 }, (_, i) => 63 - i);
  const set = places.filter((place) => ((number >> BigInt(place)) & 1n) === 1n);
  return [
    `hexadecimal: ${number.toString(16)}${size}\n`,
    `    decimal: ${number}${signed < 0n ? `  (${signed})` : ''}\n`,
    `      octal: ${number.toString(8)}\n`,
    `     binary: ${number.toString(2).padStart(64, '0')}\n`,
    ...(bits ? [`   bits set: ${set.join(' ')}\n`] : []),
  ];
}
