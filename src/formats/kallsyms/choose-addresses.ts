import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import { hashName, type NameList } from '../symbols/name-list.ts';
import { isSorted } from '../symbols/symbol-columns.ts';
import { readAddresses, widthOf, type AddressTable } from './addresses.ts';
import { readWindow, viewOf, type ReadMemory } from './memory-window.ts';
import { inTable, type KallsymsPlaces } from './places.ts';

/** Where a symbol is known to be, by VMCOREINFO or otherwise. */
export interface KnownSymbol {
  readonly name: string;
  readonly address: bigint;
}

/** The form of the addresses that puts most of the known symbols where they are, and at least one. */
export function chooseAddresses(
  read: ReadMemory,
  places: KallsymsPlaces,
  names: NameList,
  known: readonly KnownSymbol[],
): Parsed<AddressTable> {
  const tables = readTables(read, places, names.count);
  const indices = findIndices(names, known);
  const scored = tables.map((table) => ({ table, score: countFits(table, indices) }));
  const [best] = scored.toSorted((a, b) => b.score - a.score);
  if (best !== undefined && best.score > 0) return { value: best.table, problems: holesIn(best.table) };
  const likely = indices.size > 0 ? undefined : tables.find((table) => isPlausible(table, names.count));
  if (likely === undefined) {
    const [name] = indices.values();
    const problem = `no form of the addresses ${name === undefined ? 'is sorted' : 'puts the known symbols where they are'}`;
    throw new FormatError('kallsyms', problem, inTable('kallsyms_offsets', names.count * 4));
  }
  const problem = `addresses are read as ${likely.encoding}, since then they are sorted; no known symbol proves it`;
  return { value: likely, problems: [...holesIn(likely), { problem, at: inTable('kallsyms_offsets') }] };
}

/** Every form that the places allow; the likelier ones first. */
function readTables(read: ReadMemory, places: KallsymsPlaces, count: number): readonly AddressTable[] {
  const tables: AddressTable[] = [];
  if (places.addresses !== undefined) {
    tables.push({ encoding: 'absolute', window: readWindow(read, places.addresses, count * 8), base: 0n });
  }
  if (places.offsets !== undefined) {
    const window = readWindow(read, places.offsets, count * 4);
    const written = places.relativeBase === undefined ? undefined : read(places.relativeBase, 8);
    const base = written === undefined ? 0n : viewOf(written).getBigUint64(0, true);
    if (written !== undefined)
      tables.push({ encoding: 'relative-percpu', window, base }, { encoding: 'relative', window, base });
    tables.push({ encoding: 'place-relative', window, base: 0n });
  }
  return tables;
}

/** Where the known symbols stand among the names; names that occur twice prove nothing. */
function findIndices(names: NameList, known: readonly KnownSymbol[]): ReadonlyMap<number, bigint> {
  const hashes = names.hashes();
  const found = new Map<number, bigint>();
  for (const { name, address } of known) {
    const hash = hashName(name);
    const hits: number[] = [];
    for (let i = hashes.indexOf(hash); i >= 0; i = hashes.indexOf(hash, i + 1))
      if (names.text(i) === name) hits.push(i);
    const [only] = hits;
    if (only !== undefined && hits.length === 1) found.set(only, address);
  }
  return found;
}

function countFits(table: AddressTable, known: ReadonlyMap<number, bigint>): number {
  let fits = 0;
  for (const [i, address] of known) if (!isMissing(table, i) && readAddresses(table, 1, i)[0] === address) fits++;
  return fits;
}

/** The kernel sorts its symbols: read the right way they rise, and most stand in the kernel's half. */
function isPlausible(table: AddressTable, count: number): boolean {
  const addresses = readAddresses(table, count);
  return (addresses[count >> 1] ?? 0n) >> 63n === 1n && isSorted(addresses);
}

/** True where the dump lacks the address of symbol i. */
export function isMissing({ encoding, window }: AddressTable, i: number): boolean {
  const width = widthOf(encoding);
  return window.missing.some(([from, to]) => i * width < to && (i + 1) * width > from);
}

function holesIn({ window }: AddressTable): readonly Problem[] {
  return window.missing.map(([from, to]) => ({
    problem: 'addresses of symbols are missing from the dump; those symbols are left out',
    at: { kind: 'bytes', file: 'kallsyms_offsets', offset: from, length: to - from },
  }));
}
