import type { CoreRead, CoreSymbol, CoreSymbols, CoreWhatis } from '../../findings/core/core-address.ts';
import { addressOfObject, objectAt } from '../../model/kernel/slab-heap.ts';
import { PAGE_KINDS } from '../../model/kernel/page-kinds.ts';
import { InputError } from '../../sources/input-error.ts';
import { parseAddress, parseCount, spell } from './addresses.ts';
import { stateOf } from './objects.ts';
import type { CoreSession } from './session.ts';

/** More words than anyone reads at once. */
const MOST_WORDS = 1_000_000;

/** What lies at an address, as far as symbols, pages and slabs tell. Throws InputError for no address. */
export function coreWhatis(session: CoreSession, text: string): CoreWhatis {
  const { kernel } = session;
  const address = parseAddress(kernel, text);
  const physical = kernel.memory.translate(address);
  const symbol = kernel.symbols.spell(address);
  const slab = slabPart(session, physical);
  const page = pagePart(session, address, physical);
  return {
    address: spell(address),
    ...(physical === undefined ? {} : { physical: spell(BigInt(physical)) }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(slab ? { slab } : {}),
    ...(page ? { page } : {}),
  };
}

function slabPart(session: CoreSession, physical: number | undefined): CoreWhatis['slab'] | undefined {
  const { kernel, pages } = session;
  const { heap } = pages;
  const { directMap } = kernel;
  if (!heap || !directMap || physical === undefined) return undefined;
  const { table, caches } = heap;
  const slab = table.slabAt(Math.floor(physical / kernel.memory.pageSize));
  const cache = slab === undefined ? undefined : caches[table.cache[slab] ?? 0];
  if (slab === undefined || !cache) return undefined;
  const base = directMap.virtual - BigInt(directMap.physical);
  const places = { kernel, caches, table, directMap: base };
  const found = objectAt(places, base + BigInt(physical));
  return {
    cache: cache.name,
    aliases: session.aliasesOf(cache.address),
    ...(found
      ? {
          object: spell(addressOfObject(places, slab, found.object - (table.first[slab] ?? 0))),
          offset: found.offset,
          state: stateOf(table, found.object),
        }
      : {}),
    objectSize: cache.objectSize,
    slab: spell(base + BigInt((table.frame[slab] ?? 0) * kernel.memory.pageSize)),
  };
}

function pagePart(
  { kernel, refinedPages: pages, dump }: CoreSession,
  address: bigint,
  physical: number | undefined,
): CoreWhatis['page'] | undefined {
  if (physical === undefined) return undefined;
  const frame = Math.floor(physical / kernel.memory.pageSize);
  const describes = pages.map.frameOf(address);
  const struct = pages.map.addressOf(frame);
  return {
    frame,
    ...(struct === undefined ? {} : { struct: spell(struct) }),
    ...(describes === undefined ? {} : { describes }),
    use: PAGE_KINDS[pages.census.kinds[frame] ?? 0] ?? 'absent',
    state: dump.physical.state(Math.floor(physical / dump.physical.pageSize)),
  };
}

/** A symbol by name, or the one that an address belongs to. Throws InputError where there is none. */
export function coreSym({ kernel }: CoreSession, text: string): CoreSymbols {
  const named = kernel.symbols.findAll(text);
  if (named.length > 0) return { symbols: named.map((s): CoreSymbol => symbolLine(s)) };
  const address = parseAddress(kernel, text);
  const found = kernel.symbols.at(address);
  if (!found)
    throw new InputError(kernel.file, `has no symbol at ${spell(address)}`, 'kleak core whatis says what lies there');
  return { symbols: [{ ...symbolLine(found), offset: found.offset }] };
}

const symbolLine = (s: { name: string; address: bigint; letter: string; module?: string }): CoreSymbol => ({
  name: s.name,
  address: spell(s.address),
  kind: s.letter,
  ...(s.module === undefined ? {} : { module: s.module }),
});

/** `count` words of eight bytes from an address on. Throws MemoryFault where one of them is not in the dump. */
export function coreRead({ kernel }: CoreSession, where: string, howMany = '1'): CoreRead {
  const address = parseAddress(kernel, where);
  const count = parseCount(kernel.file, howMany, MOST_WORDS);
  const bytes = kernel.memory.read(address, count * 8);
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: count }, (_, i) => {
    const value = view.getBigUint64(i * 8, true);
    const symbol = kernel.symbols.spell(value);
    return {
      address: spell(address + BigInt(i * 8)),
      value: spell(value),
      ...(symbol === undefined ? {} : { symbol }),
    };
  });
  return { address: spell(address), bytes: Buffer.from(bytes).toString('hex'), words };
}
