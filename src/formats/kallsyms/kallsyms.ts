import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import { spellCount } from '../../base/spelling.ts';
import { sortColumns, type SymbolColumns } from '../symbols/symbol-columns.ts';
import { readAddresses } from './addresses.ts';
import { chooseAddresses, isMissing, type KnownSymbol } from './choose-addresses.ts';
import { findMarkers } from './markers.ts';
import { readWindow, viewOf, type ReadMemory } from './memory-window.ts';
import { BLOCK, readNames, type NameTable } from './names.ts';
import { inTable, type KallsymsPlaces } from './places.ts';
import { readTokenIndex, readTokens, TOKEN_INDEX_BYTES, tokenTableBytes, type Tokens } from './tokens.ts';

/** Ten times what a kernel with every driver built in has. */
const MOST_SYMBOLS = 2_000_000;
/** Bytes that a name, its share of the markers and of kallsyms_seqs_of_names take at most, on average. */
const NAME_BYTES = 64;

/**
 * The kernel's symbols out of its memory, in every form that scripts/kallsyms.c has written them in. Which form it is, is
 * tried, not asked of the version: names must fill their table exactly, and the addresses must put the `known` symbols
 * where they are. Throws FormatError where the tables cannot be read, or where no form fits.
 */
export function decodeKallsyms(
  read: ReadMemory,
  places: KallsymsPlaces,
  known: readonly KnownSymbol[],
): Parsed<SymbolColumns> {
  const problems: Problem[] = [];
  const count = readCount(read, places);
  const table = readNameTable(read, places, count);
  if (table.damaged > 0) {
    const problem = `${spellCount(table.damaged)} of ${spellCount(count)} names are damaged and left out`;
    problems.push({ problem, at: inTable('kallsyms_names') });
  }
  const chosen = chooseAddresses(read, places, table.names, known);
  problems.push(...chosen.problems);
  const { letters, names } = table;
  const addresses = readAddresses(chosen.value, count);
  const columns: SymbolColumns = { count, addresses, names, letters, owners: new Uint16Array(count), modules: [] };
  if (table.damaged === 0 && chosen.value.window.missing.length === 0) return { value: sortColumns(columns), problems };
  const whole = Uint32Array.from(letters.keys()).filter((i) => letters[i] !== 0 && !isMissing(chosen.value, i));
  return { value: sortColumns(columns, whole), problems };
}

function readCount(read: ReadMemory, { numSyms }: KallsymsPlaces): number {
  const at = inTable('kallsyms_num_syms', 4);
  const bytes = read(numSyms, 4);
  if (bytes === undefined) throw new FormatError('kallsyms', 'the number of symbols cannot be read', at);
  const count = viewOf(bytes).getUint32(0, true);
  if (count > 0 && count <= MOST_SYMBOLS) return count;
  throw new FormatError('kallsyms', `${count} symbols cannot be`, at);
}

function readTokenTexts(read: ReadMemory, places: KallsymsPlaces): Tokens {
  const index = readTokenIndex(read(places.tokenIndex, TOKEN_INDEX_BYTES) ?? new Uint8Array(0));
  if (index === undefined) {
    const at = inTable('kallsyms_token_index', TOKEN_INDEX_BYTES);
    throw new FormatError('kallsyms', 'the tokens do not begin at rising offsets', at);
  }
  const { bytes } = readWindow(read, places.tokenTable, tokenTableBytes(index));
  const tokens = readTokens(bytes, index);
  if (tokens !== undefined) return tokens;
  const at = inTable('kallsyms_token_table', bytes.length);
  throw new FormatError('kallsyms', 'the tokens are not 256 texts that fit their index', at);
}

/** All names, or those that the markers prove where some are damaged. */
function readNameTable(read: ReadMemory, places: KallsymsPlaces, count: number): NameTable {
  const tokens = readTokenTexts(read, places);
  const length = spaceForNames(places, count);
  const { bytes } = readWindow(read, places.names, length);
  const blocks = Math.ceil(count / BLOCK);
  const markers = blocks < 3 ? undefined : findMarkers(viewOf(bytes), blocks);
  if (markers !== undefined && markers.values.length > blocks + 1) {
    const problem = `${count} symbols, but markers for ${markers.values.length * BLOCK}`;
    throw new FormatError('kallsyms', problem, inTable('kallsyms_num_syms', 4));
  }
  const table = markers === undefined ? bytes : bytes.subarray(0, markers.offset);
  const names = readNames(table, count, tokens, markers?.values);
  if (names.damaged <= count / 2 && (markers !== undefined || fillsSpace(names, length, blocks, count))) return names;
  const problem = `${count} names do not fill the table, ${names.damaged} cannot be`;
  throw new FormatError('kallsyms', problem, inTable('kallsyms_names', length));
}

/** Bytes from the names to whatever table comes next, or to where they must have ended. */
function spaceForNames(places: KallsymsPlaces, count: number): number {
  const { names, tokenTable, tokenIndex, offsets, addresses, relativeBase } = places;
  const ends = [tokenTable, tokenIndex, offsets, addresses, relativeBase].map((place) => Number((place ?? 0n) - names));
  return Math.min(count * NAME_BYTES + 4096, ...ends.filter((end) => end > 0));
}

/** Without markers to prove each block: all names are whole, and leave no more than markers and sequence numbers take. */
function fillsSpace({ damaged, size }: NameTable, length: number, blocks: number, count: number): boolean {
  return damaged === 0 && size !== undefined && length - size <= blocks * 8 + count * 3 + 32;
}
