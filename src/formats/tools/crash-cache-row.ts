import type { Provenance } from '../../base/provenance.ts';
import { present, type CacheRow } from './cache-row.ts';
import { quantity, readCount, readSize } from './size.ts';

/** The header of every table of caches that crash and drgn print; NAME stands second in older releases of crash, else last. */
export const CACHE_HEADER: RegExp =
  /^\s*CACHE\s+(?:NAME\s+)?OBJSIZE\s+ALLOCATED\s+TOTAL\s+SLABS\s+SSIZE(?:\s+NAME)?\s*$/;

const NUMBER = String.raw`(\d+\*?|\?)`;
const COLUMNS = String.raw`${NUMBER}\s+${NUMBER}\s+${NUMBER}\s+${NUMBER}\s+(\d+[kKmM]?|\?)`;
const NEW = new RegExp(String.raw`^\s*(?:0x)?[0-9a-f]{8,16}\s+${COLUMNS}\s+(\S(?:.{0,120}\S)?)\s*$`);
const OLD = new RegExp(String.raw`^\s*(?:0x)?[0-9a-f]{8,16}\s+([^\s\d?].{0,120}?)\s+${COLUMNS}\s*$`);

/** True for a row in either order of columns. */
export const isCacheRow = (text: string): boolean =>
  /^\s*(?:0x)?[0-9a-f]{8}/.test(text) && text.length < 500 && (NEW.test(text) || OLD.test(text));

/**
 * Reads `ffff880138431300  640  2842421  2842524  473754  4k  sock_inode_cache`, or the same with the name second.
 * A `?` is what crash could not gather: absent. Memory is SLABS × SSIZE.
 */
export function readCacheRow(text: string, at: Provenance): CacheRow | undefined {
  if (!isCacheRow(text)) return undefined;
  const now = NEW.exec(text);
  const cells = (now ?? OLD.exec(text) ?? []).slice(1);
  const name = (now ? cells[5] : cells[0]) ?? '';
  const [size, objects, slots, slabs, slabSize] = (now ? cells.slice(0, 5) : cells.slice(1)).map((c) =>
    c.replace('*', ''),
  );
  const [count, each] = [readCount(slabs), readSize(slabSize)];
  const held = count === undefined || each === undefined ? undefined : quantity(count * each);
  const objectSize = readCount(size) === undefined ? undefined : quantity(Number(size));
  return {
    name,
    at,
    ...present({ objects: readCount(objects), slots: readCount(slots), objectSize, slabs: count, bytes: held }),
  };
}
