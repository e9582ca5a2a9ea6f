import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type KallsymsForm,
  type KallsymsImage,
  writeKallsyms,
  type WrittenSymbol,
} from '../../../testkit/kallsyms/kallsyms-image.ts';
import { sampleSymbols } from '../../../testkit/kallsyms/sample-symbols.ts';
import { FormatError } from '../../base/errors.ts';
import { hashName } from '../symbols/name-list.ts';
import type { SymbolColumns } from '../symbols/symbol-columns.ts';
import type { KnownSymbol } from './choose-addresses.ts';
import { findKallsyms } from './find-kallsyms.ts';
import { decodeKallsyms } from './kallsyms.ts';
import { placesOfKallsyms } from './places.ts';

const START = 0xffff_ffff_8210_0000n;
const RUNS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 200);

const real = sampleSymbols();
const withoutPerCpu = real.filter(({ address }) => address >> 63n === 1n);
/** 300 characters that no token shortens much: a name with a length of two bytes. */
const longName = Array.from({ length: 300 }, (_, i) => 'XQZJ'[(i * i + (i >> 3)) % 4]).join('');
const withLongName = [...withoutPerCpu, { name: longName, letter: 't', address: 0xffff_ffff_8100_0f01n }];

const oldest: KallsymsForm = {
  encoding: 'absolute',
  order: 'addresses first',
  markerWidth: 8,
  sequence: false,
  longNames: false,
  alignment: 8,
};
const FORMS: readonly (readonly [string, readonly WrittenSymbol[], KallsymsForm])[] = [
  ['absolute addresses, wide markers (3.x)', real, oldest],
  ['absolute addresses behind the tokens (6.4)', real, { ...oldest, order: 'addresses last', markerWidth: 4 }],
  ['a base and per-CPU offsets (4.6)', real, { ...oldest, encoding: 'relative-percpu' }],
  [
    'a base alone, tables at multiples of 256 (arm64)',
    withoutPerCpu,
    { ...oldest, encoding: 'relative', alignment: 256 },
  ],
  [
    'a base and sequence numbers before the tokens (6.2)',
    real,
    { ...oldest, encoding: 'relative-percpu', markerWidth: 4, sequence: true, longNames: true },
  ],
  [
    'a base behind the tokens (6.12)',
    withLongName,
    { encoding: 'relative', order: 'addresses last', markerWidth: 4, sequence: true, longNames: true, alignment: 8 },
  ],
  [
    'offsets from their own place (7.0)',
    withLongName,
    {
      encoding: 'place-relative',
      order: 'addresses last',
      markerWidth: 4,
      sequence: true,
      longNames: true,
      alignment: 8,
    },
  ],
];

const knownOf = (symbols: readonly WrittenSymbol[]): readonly KnownSymbol[] =>
  symbols.filter(({ name }) => name === '_stext' || name === 'init_uts_ns');

const rows = ({ count, addresses, letters, names }: SymbolColumns): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${addresses[i]} ${String.fromCharCode(letters[i] ?? 0)} ${names.text(i)}`);

const written = (symbols: readonly WrittenSymbol[]): readonly string[] =>
  symbols
    .toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
    .map(({ address, letter, name }) => `${address} ${letter} ${name}`);

describe.each(FORMS)('kallsyms as %s', (_, symbols, form) => {
  const image = writeKallsyms(symbols, START, form);
  const range = { start: START, size: image.bytes.length };

  it('are read back whole', () => {
    const { value, problems } = decodeKallsyms(image.read, image.places, knownOf(symbols));
    expect(problems).toEqual([]);
    expect(rows(value)).toEqual(written(symbols));
    expect(Array.from(value.names.hashes())).toEqual(
      Array.from({ length: value.count }, (__, i) => hashName(value.names.text(i))),
    );
  });

  it('are found in an image that does not say where they are', () => {
    const found = findKallsyms(image.read, range, knownOf(symbols));
    expect(found?.problems).toEqual([]);
    expect(found && rows(found.value)).toEqual(written(symbols));
  });

  it('are found by their order alone, with a word about that, where no symbol is known', () => {
    const found = findKallsyms(image.read, range, []);
    expect(found && rows(found.value)).toEqual(written(symbols));
    expect(found?.problems.map(({ problem }) => problem)).toEqual([
      `addresses are read as ${form.encoding}, since then they are sorted; no known symbol proves it`,
    ]);
  });

  it('are refused where known symbols are elsewhere', () => {
    const known = knownOf(symbols).map(({ name, address }) => ({ name, address: address + 0x20_0000n }));
    expect(() => decodeKallsyms(image.read, image.places, known)).toThrow(
      'no form of the addresses puts the known symbols where they are',
    );
    expect(findKallsyms(image.read, range, known)).toBeUndefined();
  });
});

const form = FORMS[5]?.[2] ?? oldest;
const whole = writeKallsyms(withLongName, START, form);
const known = knownOf(withLongName);

/** The same image with other bytes, or without some of its pages. */
function damaged(change: (bytes: Uint8Array) => void, lost: readonly bigint[] = []): KallsymsImage {
  const bytes = whole.bytes.slice();
  change(bytes);
  return {
    ...whole,
    bytes,
    read(address, length) {
      const from = Number(address - START);
      const isLost = lost.some((page) => address < page + 4096n && page < address + BigInt(length));
      return isLost || from < 0 || from + length > bytes.length ? undefined : bytes.slice(from, from + length);
    },
  };
}
const offsetOf = (place: bigint): number => Number(place - START);

describe('damaged kallsyms', () => {
  it('lose the names of a damaged block and no others, and say so', () => {
    const at = offsetOf(whole.places.names) + 1200;
    const image = damaged((bytes) => bytes.fill(0, at, at + 400));
    const { value, problems } = decodeKallsyms(image.read, image.places, known);
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/^256 of [\d,]+ names are damaged and left out$/),
    ]);
    const all = new Set(written(withLongName));
    expect(rows(value).filter((row) => !all.has(row))).toEqual([]);
    expect(value.count).toBe(withLongName.length - 256);
  });

  it('lose the symbols whose page is missing from the dump, and no others', () => {
    const page = ((whole.places.offsets ?? 0n) + 8192n) & ~4095n;
    const image = damaged(() => undefined, [page]);
    const { value, problems } = decodeKallsyms(image.read, image.places, known);
    expect(problems.map(({ problem }) => problem)).toEqual([
      'addresses of symbols are missing from the dump; those symbols are left out',
    ]);
    const all = new Set(written(withLongName));
    expect(rows(value).filter((row) => !all.has(row))).toEqual([]);
    expect(value.count).toBe(withLongName.length - 1024);
  });

  it.each([
    ['num_syms', 'numSyms', [0, 0, 0, 0], 'kallsyms: 0 symbols cannot be (kallsyms_num_syms@0x0+4)'],
    ['num_syms', 'numSyms', [1, 4, 0, 0], /^kallsyms: 1025 names do not fill the table, 0 cannot be/],
    ['num_syms', 'numSyms', [0, 13, 0, 0], /^kallsyms: 3328 symbols, but markers for \d+ \(kallsyms_num_syms/],
    ['num_syms', 'numSyms', [255, 255, 0, 0], /^kallsyms: 65535 names do not fill the table/],
    [
      'token_index',
      'tokenIndex',
      [1, 0, 0],
      'kallsyms: the tokens do not begin at rising offsets (kallsyms_token_index@0x0+512)',
    ],
    ['token_table', 'tokenTable', [0, 0, 0], /^kallsyms: the tokens are not 256 texts that fit their index/],
  ] as const)('are refused where %s is nonsense', (_, place, bytes, message) => {
    const image = damaged((all) => all.set(bytes, offsetOf(whole.places[place])));
    expect(() => decodeKallsyms(image.read, image.places, known)).toThrow(message);
    expect(() => decodeKallsyms(image.read, image.places, known)).toThrow(FormatError);
  });

  it('are refused where nothing can be read', () => {
    expect(() => decodeKallsyms(() => undefined, whole.places, known)).toThrow('the number of symbols cannot be read');
    expect(findKallsyms(() => undefined, { start: START, size: 2 ** 26 }, known)).toBeUndefined();
  });

  it(
    `yield true symbols or a FormatError, whatever ${RUNS} flips do to the tables`,
    () => {
      const all = new Set(withLongName.map(({ name }) => name));
      const flip = fc.record({ at: fc.nat(whole.bytes.length - 4097), byte: fc.nat(255), run: fc.nat(20) });
      fc.assert(
        fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), fc.boolean(), (flips, isSearch) => {
          const image = damaged((bytes) => {
            for (const { at, byte, run } of flips) bytes.fill(byte, at, at + run);
          });
          try {
            const range = { start: START, size: image.bytes.length };
            const found = isSearch
              ? findKallsyms(image.read, range, known)
              : decodeKallsyms(image.read, image.places, known);
            if (found === undefined) return;
            const { count, names } = found.value;
            const wrong = Array.from({ length: count }, (_, i) => names.text(i)).filter((name) => !all.has(name));
            // A byte inside of a name changes it, and names have no check sum; a length changes what comes after it, to the end of its block.
            expect(wrong.length).toBeLessThanOrEqual(256 * flips.length);
          } catch (cause) {
            if (!(cause instanceof FormatError)) throw cause;
          }
        }),
        { numRuns: RUNS, seed: 20_261_126 },
      );
    },
    60_000 + RUNS * 100,
  );
});

describe('the places of the tables', () => {
  const all: Readonly<Record<string, bigint>> = {
    kallsyms_names: 1n,
    kallsyms_num_syms: 2n,
    kallsyms_token_table: 3n,
    kallsyms_token_index: 4n,
    kallsyms_offsets: 5n,
    kallsyms_relative_base: 6n,
  };

  it('are those of VMCOREINFO', () => {
    expect(placesOfKallsyms((name) => all[name])).toEqual({
      names: 1n,
      numSyms: 2n,
      tokenTable: 3n,
      tokenIndex: 4n,
      offsets: 5n,
      relativeBase: 6n,
    });
  });

  it('are none where one is missing that every kernel has, as before 6.0', () => {
    expect(placesOfKallsyms((name) => (name === 'kallsyms_names' ? undefined : all[name]))).toBeUndefined();
    expect(placesOfKallsyms((name) => (name === 'kallsyms_offsets' ? undefined : all[name]))).toBeUndefined();
  });
});
