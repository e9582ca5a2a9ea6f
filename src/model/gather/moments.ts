import { seconds } from '../../base/units.ts';
import type { RecordKind, Sighting, SightingOf } from '../../formats/catalog.ts';
import type { Snapshot, SnapshotTime } from '../snapshot.ts';
import { Bag, StampedBags } from './bags.ts';
import { gatherSnapshot } from './snapshot.ts';

/** Kinds of which one host has one at a time: a second one is another moment, or another host. */
const ONCE: ReadonlySet<RecordKind> = new Set<RecordKind>([
  'meminfo',
  'slabinfo',
  'slabtop',
  'vmallocinfo',
  'bo-stats',
  'crash-kmem-i',
  'memory-table',
]);
/** Kinds that make a directory a capture of a host. */
const ROOT_KINDS: readonly RecordKind[] = ['meminfo', 'slabinfo'];
/** Captures kept as read; earlier ones are turned into snapshots, which are smaller. */
const KEPT_RAW = 3;
/** More captures than this are thinned: every second one goes, the first and the last stay. */
const MOST = 256;
/** The same for captures that were named one by one. */
const MOST_INPUTS = 512;
/** And for readings without a time, one behind the other. */
const MOST_LOOSE = 2048;
/** Readings of a file of which the stamps behind them are looked for. */
const MOST_OPENED = 4096;

interface Folder {
  readonly path: string;
  readonly loose: Bag[];
  readonly stamped: StampedBags;
  modified?: number;
}
interface Settled {
  readonly path: string;
  readonly snapshot: Snapshot;
  readonly modified?: number;
}
interface Tree {
  readonly input: string;
  readonly folders: Map<string, Folder>;
  readonly settled: Settled[];
}

/**
 * Sorts what was found, file by file, into moments of hosts. A directory or archive is one host at one time, unless
 * several of its folders hold a meminfo: then each of those is a moment. A text with several time stamps, or with the
 * same table twice, is several moments. Files given one by one belong together.
 *
 * Memory is bounded: long series are thinned while they are read.
 */
export class MomentCollector {
  readonly #trees = new Map<string, Tree>();
  #file = '';
  #bag: Bag | undefined;
  /** The bags of the file being read, in the order they were opened. */
  #opened: Bag[] = [];
  #folderRead: Folder | undefined;

  /** `path` is the place inside `input`, '' where the input is a single file. */
  add(input: string, path: string, sighting: Sighting, modified?: number): void {
    if (this.#file !== sighting.file) this.#closeFile();
    const tree = this.#tree(path === '' ? '' : input);
    const folder = this.#folder(tree, path.split('/').slice(0, -1).join('/'));
    if (modified !== undefined) folder.modified = Math.max(folder.modified ?? 0, modified);
    if (this.#file !== sighting.file) this.#folderRead = folder;
    this.#file = sighting.file;
    if (sighting.kind === 'stamp') this.#bag = folder.stamped.open(sighting, this.#bag);
    else if (sighting.kind === 'memory-table') this.#placeRows(folder, sighting);
    else this.#place(folder, sighting);
    this.#note(this.#bag);
  }

  /** Only a file that begins without a stamp can have its stamps behind the readings. */
  #note(bag: Bag | undefined): void {
    if (!bag || bag === this.#opened.at(-1) || this.#opened[0]?.stamped === true) return;
    if (this.#opened.length < MOST_OPENED) this.#opened.push(bag);
  }

  #closeFile(): void {
    if (this.#folderRead) stampFromBehind(this.#folderRead, this.#opened, this.#file);
    if (this.#opened.some((b) => b.stamped))
      for (const bag of this.#opened) if (bag.sightings.every((s) => s.file === this.#file)) bag.isOfSeries = true;
    this.#bag = undefined;
    this.#opened = [];
  }

  /** Every moment of every host, in the order given; each host's by time where it is known. */
  finish(): readonly Snapshot[] {
    this.#closeFile();
    return [...this.#trees.values()].flatMap((tree) => nameTimes(settleAll(tree)));
  }

  /** Inputs come one after another: with a new one, the directory or archive before it is complete. */
  #tree(input: string): Tree {
    const known = this.#trees.get(input);
    if (known) return known;
    this.#closeTrees();
    const tree: Tree = { input, folders: new Map(), settled: [] };
    this.#trees.set(input, tree);
    return tree;
  }

  #closeTrees(): void {
    const complete = [...this.#trees.values()].filter((tree) => tree.input !== '');
    for (const tree of complete) close(tree);
    if (complete.length < MOST_INPUTS) return;
    for (const [i, tree] of complete.entries()) if (i % 2 === 1) this.#trees.delete(tree.input);
  }

  #folder(tree: Tree, path: string): Folder {
    const known = tree.folders.get(path);
    if (known) return known;
    settleEarly(tree);
    const folder: Folder = { path, loose: [], stamped: new StampedBags() };
    tree.folders.set(path, folder);
    return folder;
  }

  /** Every row of a table that somebody kept is a moment of its own. */
  #placeRows(folder: Folder, table: SightingOf<'memory-table'>): void {
    for (const row of table.value.rows) {
      const bag = new Bag();
      bag.label = row.label;
      bag.add({ ...table, value: { rows: [row] } });
      folder.loose.push(bag);
    }
    this.#bag = undefined;
  }

  #place(folder: Folder, sighting: Sighting): void {
    const bag = this.#bag;
    if (bag && !(bag.has(sighting.kind) && (ONCE.has(sighting.kind) || repeatsInFile(sighting)))) {
      bag.add(sighting);
      return;
    }
    if (bag?.stamped) {
      this.#bag = folder.stamped.after(bag, sighting);
      return;
    }
    // The same table again in one file is the next moment; in another file it may pair up with an earlier one.
    const from = bag ? folder.loose.indexOf(bag) + 1 : 0;
    const free = folder.loose
      .slice(from)
      .find((b) => !(ONCE.has(sighting.kind) && (b.isOfSeries || b.has(sighting.kind))));
    this.#bag = free ?? new Bag();
    if (!free) folder.loose.push(this.#bag);
    if (folder.loose.length > MOST_LOOSE) thinLoose(folder);
    this.#bag.add(sighting);
  }
}

/** Every second one goes, the first and the last stay; what another file has would no longer stand beside its own. */
function thinLoose({ loose }: Folder): void {
  const kept = loose.filter((_, i) => i % 2 === 0 || i === loose.length - 1);
  for (const bag of kept) bag.isOfSeries = true;
  loose.splice(0, loose.length, ...kept);
}

/**
 * `cat /proc/meminfo && date`: a text that begins with a reading without a stamp and ends with a stamp without a
 * reading has its stamps behind the readings. Every reading then moves to the stamp that follows it.
 */
function stampFromBehind(folder: Folder, opened: readonly Bag[], file: string): void {
  const [first, ...stamped] = opened;
  const last = stamped.at(-1);
  if (!first || first.stamped || !last || last.sightings.length > 0) return;
  if (new Set(opened).size !== opened.length || !stamped.every((b) => b.stamped && b.time)) return;
  if (!opened.every((b) => b === last || (b.sightings.length > 0 && b.sightings.every((s) => s.file === file)))) return;
  const readings = opened.map((b) => b.empty());
  for (const [i, bag] of stamped.entries()) for (const s of readings[i] ?? []) bag.add(s);
  folder.loose.splice(folder.loose.indexOf(first), 1);
}

/** `free` or `vmstat` pasted twice in one text is two readings. */
const repeatsInFile = ({ kind }: Sighting): boolean => kind === 'free' || kind === 'vmstat-table';

const holdsRoot = (folder: Folder, kind: RecordKind): boolean => folder.loose.some((b) => b.has(kind));

/** Folders that are a moment each: those with a meminfo, where several have one; else those with a slabinfo. */
function rootsOf(tree: Tree): readonly Folder[] {
  for (const kind of ROOT_KINDS) {
    const roots = [...tree.folders.values()].filter((f) => holdsRoot(f, kind));
    if (roots.length > 1 || (roots.length > 0 && tree.settled.length > 0)) return roots;
  }
  return [];
}

/** Turns all but the last few captures into snapshots, once it is clear that folders are captures. */
function settleEarly(tree: Tree): void {
  const roots = rootsOf(tree);
  if (roots.length <= KEPT_RAW) return;
  for (const root of roots.slice(0, -2)) settle(tree, root, roots);
  if (tree.settled.length > MOST) {
    const kept = tree.settled.filter((_, i) => i === 0 || i % 2 === 0 || i === tree.settled.length - 1);
    tree.settled.splice(0, tree.settled.length, ...kept);
  }
}

function settle(tree: Tree, root: Folder, roots: readonly Folder[]): void {
  const mine = [...tree.folders.values()].filter((f) => nearest(f.path, roots) === root);
  const [bag, ...others] = root.loose;
  const sightings = [
    ...(bag?.sightings ?? []),
    ...mine.filter((f) => f !== root).flatMap((f) => f.loose.flatMap((b) => b.sightings)),
  ];
  const label = labelOf(tree.input, root.path);
  const extra = root.modified === undefined ? {} : { modified: root.modified };
  tree.settled.push({ path: root.path, snapshot: gatherSnapshot(label, sightings), ...extra });
  for (const other of others)
    tree.settled.push({ path: root.path, snapshot: gatherSnapshot(label, other.sightings), ...extra });
  for (const folder of mine) tree.folders.delete(folder.path);
}

/** Turns all that was read of an input into snapshots, which are smaller. */
function close(tree: Tree): void {
  if (tree.folders.size === 0) return;
  const settled = settleAll(tree);
  tree.settled.splice(0, tree.settled.length, ...settled);
  tree.folders.clear();
}

function settleAll(tree: Tree): readonly Settled[] {
  const roots = rootsOf(tree);
  if (roots.length > 0) {
    for (const root of roots)
      settle(
        tree,
        root,
        roots.filter((r) => tree.folders.has(r.path)),
      );
    if (tree.folders.size === 0) return tree.settled;
  }
  return [...tree.settled, ...joinFolders(tree)];
}

/** One host: the first bag of every folder together, further bags and stamped ones as further moments. */
function joinFolders(tree: Tree): readonly Settled[] {
  const folders = [...tree.folders.values()];
  const base = new Bag();
  const further: Bag[] = [];
  const stamped = new StampedBags();
  for (const folder of folders) {
    stamped.merge(folder.stamped);
    for (const [index, bag] of folder.loose.entries()) {
      if (index === 0 && !bag.sightings.some((s) => ONCE.has(s.kind) && base.has(s.kind))) base.addAll(bag);
      else further.push(bag);
    }
  }
  const modified = Math.max(0, ...folders.map((f) => f.modified ?? 0));
  const moments = stamped.sorted();
  const last = moments.at(-1);
  const bare = base.sightings.length > 0 && !base.sightings.some((s) => ONCE.has(s.kind)) && last !== undefined;
  if (bare) last.addAll(base);
  const bags = [...(bare || base.sightings.length === 0 ? [] : [base]), ...further, ...moments];
  return bags.map((bag, i) => ({
    path: '',
    snapshot: withTime(gatherSnapshot(bag.label ?? momentLabel(tree, bag, i, bags.length), bag.empty()), bag.time),
    ...(bags.length === 1 && modified > 0 ? { modified } : {}),
  }));
}

function momentLabel(tree: Tree, bag: Bag, index: number, count: number): string {
  const first = bag.sightings.find((s) => ONCE.has(s.kind)) ?? bag.sightings[0];
  if (count > 1 && first) return `${first.file}:${first.line}`;
  return tree.input === '' ? (first?.file ?? `input ${index + 1}`) : tree.input;
}

const withTime = (snapshot: Snapshot, time: SnapshotTime | undefined): Snapshot =>
  time && !(snapshot.time && snapshot.time.clock !== time.clock && time.clock === 'boot')
    ? { ...snapshot, time }
    : snapshot;

/** The root that shares most of the path with a folder; the last one where none shares any. */
function nearest(path: string, roots: readonly Folder[]): Folder | undefined {
  const parts = path.split('/');
  const shared = (root: Folder): number => {
    const other = root.path.split('/');
    const differ = parts.findIndex((p, i) => p !== other[i]);
    return differ < 0 ? parts.length : differ;
  };
  return roots.reduce<Folder | undefined>(
    (best, r) => (best === undefined || shared(r) >= shared(best) ? r : best),
    undefined,
  );
}

const labelOf = (input: string, path: string): string => {
  const inner = path.replace(/\/?proc$/, '');
  return inner === '' ? input : `${input.replace(/\/$/, '')}/${inner}`;
};

/** Times from the files where all have them; else from the names; else from when the files were written. */
function nameTimes(settled: readonly Settled[]): readonly Snapshot[] {
  if (settled.length < 2 || settled.every((s) => s.snapshot.time)) return settled.map((s) => s.snapshot);
  const named = settled.map((s) => timeInName(s.snapshot.label));
  if (named.every((t) => t !== undefined) && new Set(named).size === named.length) {
    return settled.map((s, i) => stampFile(s.snapshot, named[i] ?? 0, 'epoch', 'time in the name'));
  }
  const written = settled.map((s) => s.modified);
  const apart = written.every((t, i) => t !== undefined && (i === 0 || t - (written[i - 1] ?? 0) > 2000));
  if (!apart) return settled.map((s) => s.snapshot);
  return settled.map((s, i) => stampFile(s.snapshot, (written[i] ?? 0) / 1000, 'file', 'time of the file'));
}

function stampFile(snapshot: Snapshot, at: number, clock: SnapshotTime['clock'], by: string): Snapshot {
  return { ...snapshot, time: { seconds: seconds(at), clock, at: { kind: 'derived', from: [], by } } };
}

/** `2024-11-01T12:30`, `20241101-123000`, and their like, as UTC. */
export function timeInName(name: string): number | undefined {
  const m = /(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[T_. -]?(\d\d)[:.h-]?(\d\d)(?:[:.m-]?(\d\d))?(?!\d)/.exec(name);
  if (!m) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m.slice(1).map((d) => Number(d ?? 0));
  const time = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return Number.isFinite(time) && month <= 12 && day <= 31 && hour < 24 ? time : undefined;
}
