import type { AddressEncoding } from '../../src/formats/kallsyms/addresses.ts';
import type { ReadMemory } from '../../src/formats/kallsyms/memory-window.ts';
import type { KallsymsPlaces } from '../../src/formats/kallsyms/places.ts';
import { encodeName, makeTokens } from './token-maker.ts';

export interface WrittenSymbol {
  readonly name: string;
  readonly letter: string;
  readonly address: bigint;
}

export interface KallsymsForm {
  readonly encoding: AddressEncoding;
  /** 6.4 (404bad70fcf7) moved the addresses from before the names to behind the tokens. */
  readonly order: 'addresses first' | 'addresses last';
  /** Bytes of a marker: 8 before 4.20. */
  readonly markerWidth: 4 | 8;
  /** kallsyms_seqs_of_names, 3 bytes a symbol, 6.2 and later. */
  readonly sequence: boolean;
  /** 6.1: names of more than 127 tokens have lengths of two bytes. */
  readonly longNames: boolean;
  readonly alignment: 8 | 256;
}

export interface KallsymsImage {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly places: KallsymsPlaces;
  /** Reads `bytes`, as they are at the time; undefined outside of them. */
  readonly read: ReadMemory;
}

/** The order in which scripts/kallsyms.c wants symbols: by address. */
const byAddress = (a: WrittenSymbol, b: WrittenSymbol): number =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : 0;

/** Lays tables out in memory, from `start` on, as scripts/kallsyms.c and the linker do. */
export function writeKallsyms(unsorted: readonly WrittenSymbol[], start: bigint, form: KallsymsForm): KallsymsImage {
  const symbols = unsorted.toSorted(byAddress);
  const memory = new Memory(start, form.alignment);
  // Other read-only data stands around: text, and a run of letters that is no table of tokens.
  memory.table(Uint8Array.from('a\0b\0c\0d\0e\0 the rest of the read-only data '.repeat(40), (c) => c.charCodeAt(0)));
  const addressPlaces = form.order === 'addresses first' ? writeAddresses(memory, symbols, form) : undefined;
  const numSyms = memory.table(word(symbols.length));
  const tokens = makeTokens(symbols.map(({ letter, name }) => letter + name));
  const { bytes, markers } = encodeNames(symbols, tokens, form.longNames);
  const names = memory.table(bytes);
  memory.table(numbers(markers, form.markerWidth));
  if (form.sequence && form.order === 'addresses first') memory.table(sequence(symbols));
  const starts: number[] = [];
  let text = '';
  for (const token of tokens) {
    starts.push(text.length);
    text += `${token}\0`;
  }
  const tokenTable = memory.table(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  const tokenIndex = memory.table(new Uint8Array(Uint16Array.from(starts).buffer));
  const { addresses, offsets, relativeBase } = addressPlaces ?? writeAddresses(memory, symbols, form);
  if (form.sequence && form.order === 'addresses last') memory.table(sequence(symbols));
  memory.table(new Uint8Array(4096).fill(0x5a));
  const image = memory.bytes();
  return {
    start,
    bytes: image,
    places: {
      names,
      numSyms,
      tokenTable,
      tokenIndex,
      ...(addresses === undefined ? {} : { addresses }),
      ...(offsets === undefined ? {} : { offsets }),
      ...(relativeBase === undefined ? {} : { relativeBase }),
    },
    read(address, length) {
      const from = Number(address - start);
      return from < 0 || from + length > image.length ? undefined : image.slice(from, from + length);
    },
  };
}

function encodeNames(
  symbols: readonly WrittenSymbol[],
  tokens: readonly string[],
  longNames: boolean,
): { readonly bytes: Uint8Array; readonly markers: readonly number[] } {
  const bytes: number[] = [];
  const markers: number[] = [];
  for (const [i, { letter, name }] of symbols.entries()) {
    if (i % 256 === 0) markers.push(bytes.length);
    const encoded = encodeName(letter + name, tokens);
    if (longNames && encoded.length > 0x7f) bytes.push(0x80 | (encoded.length & 0x7f), encoded.length >> 7);
    else bytes.push(encoded.length);
    bytes.push(...encoded);
  }
  return { bytes: Uint8Array.from(bytes), markers };
}

type AddressPlaces = Pick<KallsymsPlaces, 'addresses' | 'offsets' | 'relativeBase'>;

function writeAddresses(memory: Memory, symbols: readonly WrittenSymbol[], { encoding }: KallsymsForm): AddressPlaces {
  if (encoding === 'absolute') {
    return {
      addresses: memory.table(
        numbers(
          symbols.map(({ address }) => address),
          8,
        ),
      ),
    };
  }
  if (encoding === 'place-relative') {
    const place = memory.next();
    const distances = symbols.map(({ address }, i) => address - place - BigInt(4 * i));
    return { offsets: memory.table(numbers(distances, 4)) };
  }
  const base = symbols.find(({ address }) => address >> 63n === 1n)?.address ?? 0n;
  const offsets = symbols.map(({ address }) =>
    encoding === 'relative' ? address - base : address >> 63n === 1n ? base - 1n - address : address,
  );
  return { offsets: memory.table(numbers(offsets, 4)), relativeBase: memory.table(numbers([base], 8)) };
}

function numbers(values: readonly (bigint | number)[], width: 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (const [i, value] of values.entries()) {
    if (width === 8) view.setBigUint64(i * 8, BigInt.asUintN(64, BigInt(value)), true);
    else view.setUint32(i * 4, Number(BigInt.asUintN(32, BigInt(value))), true);
  }
  return new Uint8Array(view.buffer);
}

const word = (n: number): Uint8Array => numbers([n], 4);

/** Indices sorted by name, three bytes each, highest first. */
function sequence(symbols: readonly WrittenSymbol[]): Uint8Array {
  const order = [...symbols.keys()].toSorted((a, b) => ((symbols[a]?.name ?? '') < (symbols[b]?.name ?? '') ? -1 : 1));
  return Uint8Array.from(order.flatMap((i) => [i >> 16, (i >> 8) & 0xff, i & 0xff]));
}

class Memory {
  readonly #start: bigint;
  readonly #alignment: number;
  readonly #bytes: number[] = [];

  constructor(start: bigint, alignment: number) {
    this.#start = start;
    this.#alignment = alignment;
  }

  next(): bigint {
    while (this.#bytes.length % this.#alignment !== 0) this.#bytes.push(0);
    return this.#start + BigInt(this.#bytes.length);
  }

  table(bytes: Uint8Array): bigint {
    const place = this.next();
    for (const byte of bytes) this.#bytes.push(byte);
    return place;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
