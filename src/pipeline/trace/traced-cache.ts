import { slabinfo, type SlabinfoRow } from '../../formats/proc/slabinfo.ts';
import { slabLinks } from '../../formats/proc/slab-links.ts';
import { cleanLines } from '../../formats/text/line.ts';
import type { KmemEvent } from '../../model/kmem-event.ts';
import { kmallocSize } from '../../model/slab-names.ts';
import { InputError } from '../../sources/input-error.ts';
import type { HostClient } from '../../sources/live/host-client.ts';

/** A slab cache of this host, as far as tracing has to know it. */
export interface TracedCache {
  /** As slabinfo has it: the name that events say. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of a slot, which is what events say was given. Bytes. */
  readonly slotBytes: number;
  /** Of an object without padding, which is what events of its own say was asked for; absent where it is not told. */
  readonly objectBytes?: number;
  readonly objects?: number;
  /** Part of it, or all, is served by kmalloc(). */
  readonly kmalloc: boolean;
  /** Part of it, or all, has objects of one type. */
  readonly own: boolean;
  /** Other caches with objects of this size: events of allocations do not tell them apart. */
  readonly sameSize: readonly string[];
  /** True where the host has kmalloc-cg-* caches of this size, so that the plain one has nothing that is charged to a cgroup. */
  readonly hasAccounted: boolean;
}

const MOST_BYTES = 8 * 2 ** 20;
const MOST_LINKS = 20_000;
const SIMILAR = 4;

/** Finds a cache by any of its names. Throws InputError where there is none of that name, and says which are like it. */
export async function findCache(host: HostClient, wanted: string, root = ''): Promise<TracedCache> {
  const rows = await readCaches(host, root);
  const links = await readLinks(host, root);
  const target = links.get(wanted);
  const together = target === undefined ? [wanted] : [...links].filter(([, t]) => t === target).map(([name]) => name);
  const row = rows.find(({ name }) => name === wanted) ?? rows.find(({ name }) => together.includes(name));
  if (!row) throw unknownCache(wanted, rows);
  const names = [...new Set([row.name, ...together])];
  const slots = rows.filter(({ objectSize }) => objectSize === row.objectSize);
  const objectBytes = await readObjectSize(host, row.name, root);
  return {
    name: row.name,
    aliases: names.filter((name) => name !== row.name),
    slotBytes: row.objectSize,
    ...(objectBytes === undefined ? {} : { objectBytes }),
    objects: row.activeObjects,
    kmalloc: names.some((name) => kmallocSize(name) !== undefined),
    own: names.some((name) => kmallocSize(name) === undefined),
    sameSize: await sameObjects(
      host,
      slots.map(({ name }) => name).filter((name) => !names.includes(name) && kmallocSize(name) === undefined),
      objectBytes,
      root,
    ),
    hasAccounted: slots.some(({ name }) => name.startsWith('kmalloc-cg-')),
  };
}

/** Objects in use now; undefined where the table cannot be read. */
export async function countObjects(host: HostClient, cache: string, root = ''): Promise<number | undefined> {
  const { content } = await host.ask({ kind: 'file', path: `${root}/proc/slabinfo`, most: MOST_BYTES });
  return parseRows(content.toString()).find(({ name }) => name === cache)?.activeObjects;
}

async function readCaches(host: HostClient, root: string): Promise<readonly SlabinfoRow[]> {
  const path = `${root}/proc/slabinfo`;
  const { content, error } = await host.ask({ kind: 'file', path, most: MOST_BYTES });
  const rows = parseRows(content.toString());
  if (rows.length > 0) return rows;
  const denied = error === 'EACCES' || error === 'EPERM';
  throw new InputError(
    path,
    error === undefined ? 'it lists no cache' : denied ? 'permission denied' : `cannot be read: ${error}`,
    denied && process.getuid?.() !== 0 ? 'run as root' : 'a trace needs to know the size of the cache’s objects',
  );
}

const parseRows = (text: string): readonly SlabinfoRow[] =>
  text === '' ? [] : slabinfo.parse(cleanLines(text), '/proc/slabinfo').value.rows;

/** Of caches with slots of one size, those whose objects are of one size too, or not told. */
async function sameObjects(
  host: HostClient,
  names: readonly string[],
  objectBytes: number | undefined,
  root: string,
): Promise<readonly string[]> {
  const same: string[] = [];
  for (const name of names) {
    const size = await readObjectSize(host, name, root);
    if (size === undefined || objectBytes === undefined || size === objectBytes) same.push(name);
  }
  return same;
}

async function readObjectSize(host: HostClient, name: string, root: string): Promise<number | undefined> {
  const path = `${root}/sys/kernel/slab/${name}/object_size`;
  const { content } = await host.ask({ kind: 'file', path, most: 64 });
  const size = Number(content.toString().trim());
  return content.length > 0 && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/** Name to target, of caches that were merged. */
async function readLinks(host: HostClient, root: string): Promise<ReadonlyMap<string, string>> {
  const { content } = await host.ask({ kind: 'links', path: `${root}/sys/kernel/slab`, most: MOST_LINKS });
  if (content.length === 0) return new Map();
  const { value } = slabLinks.parse(cleanLines(content.toString()), '/sys/kernel/slab');
  return new Map(value.map(({ name, target }) => [name, target]));
}

function unknownCache(wanted: string, rows: readonly SlabinfoRow[]): InputError {
  const part = wanted.replace(/[-_].*$/, '');
  const similar = rows
    .map(({ name }) => name)
    .filter((name) => name.includes(wanted) || (part.length > 2 && name.startsWith(part)))
    .slice(0, SIMILAR);
  return new InputError(
    wanted,
    'this host has no slab cache of that name',
    similar.length > 0 ? `there are ${similar.join(', ')}` : 'slabtop or kleak lists the caches',
  );
}

const [GFP_DMA, GFP_RECLAIMABLE] = [0x01, 0x10];

/**
 * Whether an allocation is of this cache, as far as its event tells. kmalloc() takes its cache by size and, in this order, by
 * the flags DMA, RECLAIMABLE and ACCOUNT (include/linux/slab.h, kmalloc_type()).
 */
export function belongs(event: KmemEvent, cache: TracedCache, accountFlag: number): boolean {
  if (event.kind === 'freed') return true;
  if (event.given !== cache.slotBytes) return false;
  if (!event.event.startsWith('kmalloc'))
    return cache.own && (cache.objectBytes === undefined || event.requested === cache.objectBytes);
  if (!cache.kmalloc) return false;
  return [cache.name, ...cache.aliases].some((name) => kindOf(name) === kindOfEvent(event, cache, accountFlag));
}

type KmallocKind = 'plain' | 'dma' | 'rcl' | 'cg';

function kindOf(name: string): KmallocKind | undefined {
  if (kmallocSize(name) === undefined) return undefined;
  if (name.startsWith('dma-')) return 'dma';
  return /^kmalloc-(rcl|cg)-/.exec(name)?.[1] === 'rcl' ? 'rcl' : name.startsWith('kmalloc-cg-') ? 'cg' : 'plain';
}

function kindOfEvent({ flags }: KmemEvent, cache: TracedCache, accountFlag: number): KmallocKind {
  if ((flags & GFP_DMA) !== 0) return 'dma';
  if ((flags & GFP_RECLAIMABLE) !== 0) return 'rcl';
  return cache.hasAccounted && (flags & accountFlag) !== 0 ? 'cg' : 'plain';
}
