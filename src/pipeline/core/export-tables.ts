import type { SqliteValue } from '../../sources/store/sqlite-file.ts';
import { spell } from './addresses.ts';
import { rootsOf, stateOf } from './objects.ts';
import { walkPages } from './pages.ts';
import type { CoreSession } from './session.ts';
import { coreSlabs } from './slabs.ts';

type Row = readonly SqliteValue[];

/** One table of an export; docs/scripting.md says what the columns hold. */
export interface ExportTable {
  readonly name: string;
  /** As SQL declares them. */
  readonly columns: readonly string[];
  readonly total?: number;
  readonly rows: () => Iterable<Row>;
}

/** Bytes and ids are integers, addresses 16 hex digits: text that sorts as the addresses do, and 64 bits are too wide. */
export function exportTables(session: CoreSession, version: string): readonly ExportTable[] {
  const { symbols } = session.kernel;
  const heap = session.pages.heap;
  return [
    { name: 'meta', columns: ['key TEXT PRIMARY KEY', 'value'], rows: () => metaRows(session, version) },
    {
      name: 'pages',
      columns: ['frame INTEGER PRIMARY KEY', 'physical INTEGER', 'kind TEXT', 'state TEXT', 'slab_id INTEGER'],
      total: session.pages.map.sections.reduce((sum, { frames }) => sum + frames, 0),
      rows: () => pageRows(session),
    },
    { name: 'caches', columns: CACHE_COLUMNS, rows: () => (heap ? cacheRows(session) : []) },
    {
      name: 'cache_names',
      columns: ['name TEXT', 'cache_id INTEGER'],
      rows: () => (heap ? nameRows(session) : []),
    },
    {
      name: 'slabs',
      columns: SLAB_COLUMNS,
      total: heap?.table.count ?? 0,
      rows: () => (heap ? slabRows(session) : []),
    },
    {
      name: 'objects',
      columns: ['address TEXT', 'cache_id INTEGER', 'slab_id INTEGER', 'state TEXT'],
      total: heap?.table.objects ?? 0,
      rows: () => (heap ? objectRows(session) : []),
    },
    {
      name: 'symbols',
      columns: ['name TEXT', 'address TEXT', 'type TEXT', 'module TEXT'],
      total: symbols.count,
      rows: () => symbolRows(session),
    },
    { name: 'problems', columns: ['problem TEXT'], rows: () => problemRows(session) },
  ];
}

const CACHE_COLUMNS = [
  'id INTEGER PRIMARY KEY',
  'name TEXT',
  'address TEXT',
  'object_size INTEGER',
  'stride INTEGER',
  'allocated INTEGER',
  'total INTEGER',
  'unknown INTEGER',
  'slabs INTEGER',
  'bytes INTEGER',
  'reclaimable INTEGER',
];
const SLAB_COLUMNS = [
  'id INTEGER PRIMARY KEY',
  'cache_id INTEGER',
  'frame INTEGER',
  'address TEXT',
  'pages INTEGER',
  'total INTEGER',
  'allocated INTEGER',
];

/** Made when the tables are full. */
export const INDEXES: readonly string[] = [
  'CREATE INDEX pages_by_kind ON pages (kind)',
  'CREATE INDEX caches_by_name ON cache_names (name)',
  'CREATE INDEX slabs_by_cache ON slabs (cache_id)',
  'CREATE UNIQUE INDEX objects_by_address ON objects (address)',
  'CREATE INDEX objects_by_cache ON objects (cache_id, state)',
  'CREATE INDEX symbols_by_address ON symbols (address)',
  'CREATE INDEX symbols_by_name ON symbols (name)',
];

const PAGE_SIZE = "(SELECT value FROM meta WHERE key = 'page_size')";

/** What is asked most, so that questions are short. */
export const VIEWS: readonly string[] = [
  `CREATE VIEW bytes_by_kind AS
   SELECT kind, count(*) AS pages, count(*) * ${PAGE_SIZE} AS bytes FROM pages GROUP BY kind ORDER BY bytes DESC`,
  `CREATE VIEW named_objects AS
   SELECT objects.address, caches.name AS cache, objects.state, caches.object_size, objects.slab_id
   FROM objects JOIN caches ON caches.id = objects.cache_id`,
  `CREATE VIEW fragmentation AS
   SELECT caches.name AS cache, count(*) AS partial_slabs, sum(slabs.total - slabs.allocated) AS free_objects,
          sum((slabs.total - slabs.allocated) * caches.stride) AS free_bytes
   FROM slabs JOIN caches ON caches.id = slabs.cache_id
   WHERE slabs.allocated < slabs.total GROUP BY caches.id ORDER BY free_bytes DESC`,
];

function* metaRows({ kernel, dump, pages }: CoreSession, version: string): Generator<Row> {
  yield ['schema', 'kleak.core-export/1'];
  yield ['kleak', version];
  yield ['dump', kernel.file];
  yield ['container', dump.container];
  yield ['release', kernel.release];
  yield ['machine', kernel.machine];
  yield ['page_size', kernel.memory.pageSize];
  if (pages.heap) yield ['allocator', pages.heap.allocator];
}

function* pageRows(session: CoreSession): Generator<Row> {
  const table = session.pages.heap?.table;
  let slab = 0;
  for (const { frame, physical, use, state } of walkPages(session)) {
    while (table && slab < table.count && frame >= endOf(table, slab)) slab++;
    const isIn = table !== undefined && slab < table.count && frame >= (table.frame[slab] ?? 0);
    yield [frame, physical, use, state, isIn ? slab : null];
  }
}

const endOf = ({ frame, pages }: { frame: Uint32Array; pages: Uint16Array }, slab: number): number =>
  (frame[slab] ?? 0) + (pages[slab] ?? 0);

/** A cache's id is its number in the heap; slabs of cgroup children (before 5.9) count as those of their root. */
function* cacheRows(session: CoreSession): Generator<Row> {
  const ids = idsOf(session);
  for (const c of coreSlabs(session).caches) {
    const counts = [c.objectSize, c.stride, c.allocated, c.total, c.unknown ?? 0, c.slabs, c.bytes];
    yield [ids.get(c.address) ?? null, c.name, c.address, ...counts, c.reclaimable ? 1 : 0];
  }
}

function* nameRows(session: CoreSession): Generator<Row> {
  const ids = idsOf(session);
  for (const { name, aliases, address } of coreSlabs(session).caches)
    for (const known of [name, ...aliases]) yield [known, ids.get(address) ?? null];
}

const idsOf = ({ heap }: CoreSession): ReadonlyMap<string, number> =>
  new Map(heap.caches.map(({ address }, id) => [spell(address), id]));

function* slabRows({ heap, kernel }: CoreSession): Generator<Row> {
  const { table, caches } = heap;
  const roots = rootsOf(caches);
  const direct = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  for (let slab = 0; slab < table.count; slab++) {
    const frame = table.frame[slab] ?? 0;
    const [first, total] = [table.first[slab] ?? 0, table.capacity[slab] ?? 0];
    const known = total === 0 || !table.isUnknown(first);
    const allocated = known ? total - table.countFree(first, total) : null;
    const address = spell(direct + BigInt(frame * kernel.memory.pageSize));
    yield [slab, roots[table.cache[slab] ?? 0] ?? null, frame, address, table.pages[slab] ?? 0, total, allocated];
  }
}

function* objectRows({ heap, kernel }: CoreSession): Generator<Row> {
  const { table, caches } = heap;
  const roots = rootsOf(caches);
  const direct = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  for (let slab = 0; slab < table.count; slab++) {
    const number = table.cache[slab] ?? 0;
    const [first, total] = [table.first[slab] ?? 0, table.capacity[slab] ?? 0];
    const size = caches[number]?.size ?? 0;
    const start = (table.frame[slab] ?? 0) * kernel.memory.pageSize + (table.start[slab] ?? 0);
    for (let i = 0; i < total; i++)
      yield [spell(direct + BigInt(start + i * size)), roots[number] ?? null, slab, stateOf(table, first + i)];
  }
}

function* symbolRows({ kernel }: CoreSession): Generator<Row> {
  for (const { name, address, letter, module } of kernel.symbols.matching(() => true))
    yield [name, spell(address), letter, module ?? null];
}

function* problemRows(session: CoreSession): Generator<Row> {
  for (const { problem } of session.kernel.problems) yield [problem];
  for (const problem of session.pageProblems) yield [problem];
  const heap = session.pages.heap;
  for (const { cache, problem } of heap?.problems ?? [])
    yield [cache === undefined ? problem : `${heap?.caches[cache]?.name ?? ''}: ${problem}`];
}
