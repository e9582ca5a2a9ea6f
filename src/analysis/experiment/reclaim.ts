import type { Sample } from '../../model/sample.ts';
import { isReclaimableCache } from '../../model/slab-names.ts';
import type { Point } from '../slope.ts';
import { measureEffect, type Effect } from './effect.ts';
import { quantitiesOf, RESOLUTION, type Quantity } from './quantities.ts';
import { settledFrom } from './settle.ts';

/** One bucket or cache before and after caches were dropped. */
export interface Reclaimed {
  readonly kind: 'bucket' | 'cache';
  readonly name: string;
  readonly effect: Effect;
  readonly reclaimable: boolean;
  readonly objects?: { readonly before: number; readonly after: number };
  /** Bytes of the objects that stayed, at the size they had before. */
  readonly pinned?: number;
}

export interface ReclaimFacts {
  readonly rows: readonly Reclaimed[];
  /** Page cache and reclaimable slab that came back. */
  readonly cameBack: number;
  /** Reclaimable slab before, and what of it stayed as objects. */
  readonly slabBefore: number;
  readonly slabAfter: number;
  readonly pinned: number;
  /** Of the pinned dentries and inodes, what files in memory (tmpfs) and sockets explain: they are in use. */
  readonly inUse: number;
  /** Inodes of sockets that stayed, where they are far more than the sockets that exist. */
  readonly deadSockets?: { readonly inodes: number; readonly sockets: number };
  readonly settled: boolean;
}

const GIVES_BACK: ReadonlySet<string> = new Set(['page-cache', 'slab-reclaimable']);

/** `sockets`: how many exist, by the network's own count. Undefined where there are too few samples on either side. */
export function measureReclaim(
  before: readonly Sample[],
  after: readonly Sample[],
  began: number,
  sockets: number,
): ReclaimFacts | undefined {
  const pages = quantitiesOf(after).find((q) => q.name === 'slab-reclaimable')?.points ?? [];
  const start = settledFrom(pages, 0, RESOLUTION);
  const counted = after.slice(start ?? Math.max(0, after.length - 4));
  const earlier = keyed(quantitiesOf(before));
  const later = keyed(quantitiesOf(counted));
  const rows = [...earlier.values()].flatMap((quantity): Reclaimed[] => {
    const { kind, name, points } = quantity;
    if (kind === 'sum') return [];
    const none = counted.map((s): Point => [s.uptime, 0]);
    // What is called empty afterwards is a bucket; a cache that was not listed was not measured.
    const rest = later.get(`${kind} ${name}`)?.points ?? (kind === 'bucket' ? none : []);
    const effect = measureEffect(points, rest, began, RESOLUTION);
    if (!effect) return [];
    const reclaimable = kind === 'bucket' ? GIVES_BACK.has(name) : isReclaimableCache(name);
    return [{ kind, name, effect, reclaimable, ...objectsOf(quantity, before, counted, effect) }];
  });
  if (rows.length === 0) return undefined;
  const bucket = (name: string): Effect | undefined => rows.find((r) => r.kind === 'bucket' && r.name === name)?.effect;
  const slab = bucket('slab-reclaimable');
  const back = [bucket('page-cache'), slab].map((e) => (e ? Math.max(0, e.before - e.after) : 0));
  return {
    rows,
    cameBack: back.reduce((a, b) => a + b, 0),
    slabBefore: slab?.before ?? 0,
    slabAfter: slab?.after ?? 0,
    pinned: rows.filter((r) => r.kind === 'cache' && r.reclaimable).reduce((sum, r) => sum + (r.pinned ?? 0), 0),
    inUse: inUseOf(rows, sockets),
    ...deadSockets(rows, sockets),
    settled: start !== undefined,
  };
}

/** Closed sockets' inodes are given back at once; a few are on their way. */
const MANY_DEAD = 1000;

function deadSockets(rows: readonly Reclaimed[], sockets: number): Pick<ReclaimFacts, 'deadSockets'> {
  const inodes = rows.find((r) => r.kind === 'cache' && r.name === SOCKETS)?.objects?.after ?? 0;
  return inodes - sockets >= MANY_DEAD && inodes >= 2 * sockets ? { deadSockets: { inodes, sockets } } : {};
}

const keyed = (quantities: readonly Quantity[]): ReadonlyMap<string, Quantity> =>
  new Map(quantities.map((q) => [`${q.kind} ${q.name}`, q]));

function objectsOf(
  { kind, name }: Quantity,
  before: readonly Sample[],
  after: readonly Sample[],
  effect: Effect,
): Pick<Reclaimed, 'objects' | 'pinned'> {
  if (kind !== 'cache') return {};
  const count = (samples: readonly Sample[]): number | undefined =>
    samples.at(-1)?.caches.find((c) => c.name === name)?.objects;
  const [first, last] = [count(before), count(after)];
  if (first === undefined || last === undefined) return {};
  const size = first > 0 ? effect.before / first : 0;
  return { objects: { before: first, after: last }, pinned: Math.min(effect.after, last * size) };
}

/** Files in memory and queues have each a dentry and an inode that stay for as long as they exist. */
const LIVING = /^(?:shmem_inode_cache|mqueue_inode_cache|hugetlbfs_inode_cache)$/;
const SOCKETS = 'sock_inode_cache';

/** Of sockets only those that the network says exist: what a closed one leaves behind looks the same in slab. */
function inUseOf(rows: readonly Reclaimed[], sockets: number): number {
  const dentry = rows.find((r) => r.kind === 'cache' && r.name.startsWith('dentry'));
  if (!dentry?.objects || dentry.objects.after === 0) return 0;
  const caches = rows.filter((r) => r.kind === 'cache');
  const files = caches.filter((r) => LIVING.test(r.name)).reduce((sum, r) => sum + (r.objects?.after ?? 0), 0);
  const socket = caches.find((r) => r.name === SOCKETS);
  const open = Math.min(sockets, socket?.objects?.after ?? 0);
  const ofSockets = socket?.objects && open > 0 ? (open / socket.objects.after) * (socket.pinned ?? 0) : 0;
  return ofSockets + Math.min(1, (files + open) / dentry.objects.after) * (dentry.pinned ?? 0);
}
