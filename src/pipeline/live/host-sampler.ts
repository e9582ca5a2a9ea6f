import { bytes, seconds, type Bytes } from '../../base/units.ts';
import { measureAccounting } from '../../analysis/accounting.ts';
import { addFamilies } from '../../analysis/caches.ts';
import type { AnyTextFormat, Sighting } from '../../formats/catalog.ts';
import { meminfo } from '../../formats/proc/meminfo.ts';
import { slabinfo } from '../../formats/proc/slabinfo.ts';
import { uptime } from '../../formats/proc/uptime.ts';
import { vmstat } from '../../formats/proc/vmstat.ts';
import { zoneinfo } from '../../formats/proc/zoneinfo.ts';
import { cleanLines } from '../../formats/text/line.ts';
import { see } from '../../formats/text/split.ts';
import { gatherProc } from '../../model/gather/proc.ts';
import { missing } from '../../model/measured.ts';
import { isDetectorOverhead } from '../../model/slab-names.ts';
import type { CacheSample, Sample } from '../../model/sample.ts';
import type { Snapshot, SnapshotPart } from '../../model/snapshot.ts';
import { InputError } from '../../sources/input-error.ts';
import { TimedReader } from '../../sources/live/timed-reader.ts';
import type { Unread } from '../../sources/source-file.ts';
import { LargestProcesses } from './largest-processes.ts';

export interface SamplerOptions {
  /** Where the host's /proc is; '' for the running host. */
  readonly root?: string;
  /** Caches that never held this much are left out. Without it: a 65,536th of RAM, 256 KiB at least. */
  readonly cacheThreshold?: Bytes;
  /** Every how many samples the largest processes are looked at, which costs as much as all the rest; 0 or absent: never. */
  readonly processes?: number;
}

/** A sample, and what could not be read or is in doubt. */
export interface Sampled {
  readonly sample: Sample;
  /** What the sample was made of: no more than the files that were read. */
  readonly snapshot: Snapshot;
  readonly problems: readonly Unread[];
}

interface SampledFile {
  readonly path: string;
  readonly format: AnyTextFormat;
  readonly gives: string;
}

/** What moves together is read together; slabinfo takes the longest, and goes first because meminfo's sum of it follows. */
const FILES: readonly SampledFile[] = [
  { path: '/proc/slabinfo', format: slabinfo, gives: 'every slab cache' },
  { path: '/proc/meminfo', format: meminfo, gives: 'the kernel’s own account of memory' },
  { path: '/proc/vmstat', format: vmstat, gives: 'isolated and compressed pages' },
  { path: '/proc/zoneinfo', format: zoneinfo, gives: 'free pages on per-CPU lists' },
  { path: '/proc/uptime', format: uptime, gives: 'the time since boot' },
];
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** Milliseconds; a host under pressure is slow, and waiting costs nothing. */
const TIME_LIMIT = 5000;
/** A zoneinfo of 1,024 CPUs and 16 nodes has 8 MiB. */
const FILE_BYTES = 32 * 2 ** 20;
/** Old kernels have a copy of each cache for each cgroup; families are added up before this counts. */
const MOST_CACHES = 1024;

/** Takes samples of one host, by the equation of `diagnose`. It only reads, and no file can hold it. */
export class HostSampler {
  readonly #root: string;
  readonly #threshold: Bytes | undefined;
  readonly #every: number;
  readonly #reader: TimedReader;
  readonly #processes: LargestProcesses;
  /** Caches that were above the threshold once: they stay, so that a series has no holes. */
  readonly #listed = new Set<string>();
  #boot = '';
  #taken = 0;
  #late = false;

  constructor(options: SamplerOptions = {}) {
    this.#root = options.root ?? '';
    this.#threshold = options.cacheThreshold;
    this.#every = options.processes ?? 0;
    this.#reader = new TimedReader(TIME_LIMIT);
    this.#processes = new LargestProcesses(`${this.#root}/proc`, this.#reader);
  }

  /** True while a file that hangs holds a thread; the process then ends by a signal only. */
  get held(): boolean {
    return this.#reader.held;
  }

  /** True where the last sample lacked a file that did not answer in time: the next may have it. */
  get late(): boolean {
    return this.#late;
  }

  /** Throws InputError where there is no account of memory at all. */
  async sample(): Promise<Sampled> {
    this.#late = false;
    const problems: Unread[] = [];
    const sightings: Sighting[] = [];
    const at = Date.now();
    for (const file of FILES) {
      const sighting = await this.#read(file, problems);
      if (sighting) sightings.push(sighting);
    }
    const boot = await this.#bootId(problems);
    const snapshot = emptySnapshot(gatherProc(sightings));
    // The counters of vmstat would do, but differ a little: a series must not change its source.
    const accounted = sightings.some((s) => s.kind === 'meminfo')
      ? measureAccounting(snapshot)
      : missing(lackOf('/proc/meminfo', problems));
    const since = snapshot.time?.seconds;
    if (accounted.state === 'missing' || since === undefined) {
      const why = accounted.state === 'missing' ? accounted.because : lackOf('/proc/uptime', problems);
      throw new InputError('this host', why, 'mount /proc and let this process read it');
    }
    const { buckets, unexplained, total, notes } = accounted.value;
    if (notes.includes('container-view'))
      problems.push({ what: '/proc/meminfo', why: 'is a container’s view; run on the host to see kernel memory' });
    const available = snapshot.counters.get('MemAvailable')?.bytes;
    const withProcesses = this.#every > 0 && this.#taken++ % this.#every === 0;
    const sample: Sample = {
      at,
      boot,
      uptime: seconds(since),
      totalBytes: total.bytes,
      buckets: new Map(buckets.map((b) => [b.name, b.bytes])),
      ...(unexplained === undefined ? {} : { unexplained }),
      ...(available === undefined ? {} : { available }),
      caches: this.#caches(snapshot, total.bytes),
      processes: withProcesses ? await this.#processes.measure() : [],
    };
    return { sample, snapshot, problems };
  }

  /** Nothing is kept open between samples; there is nothing more to do. */
  close(): void {
    this.#listed.clear();
  }

  async #read({ path, format, gives }: SampledFile, problems: Unread[]): Promise<Sighting | undefined> {
    const reply = await this.#reader.read(this.#root + path, FILE_BYTES);
    if ('error' in reply) {
      if (reply.error === 'ETIMEDOUT') this.#late = true;
      problems.push({ what: path, why: `${wordError(reply.error)} (it gives ${gives})` });
      return undefined;
    }
    const sighting = see(format, cleanLines(reply.content.toString()), path);
    const [first] = sighting.problems;
    if (first) problems.push({ what: path, why: first.problem });
    return sighting;
  }

  /** Asked for until it is known: no process sees two boots, and a read that failed must not look like one. */
  async #bootId(problems: Unread[]): Promise<string> {
    if (this.#boot !== '') return this.#boot;
    const reply = await this.#reader.read(this.#root + BOOT_ID, 64);
    const id = 'error' in reply ? '' : reply.content.toString().trim();
    this.#boot = id;
    if (id === '') problems.push({ what: BOOT_ID, why: 'could not be read (it tells one boot from another)' });
    return id;
  }

  #caches({ caches }: Snapshot, total: Bytes): readonly CacheSample[] {
    const threshold = this.#threshold ?? bytes(Math.max(262_144, Math.round(total / 65_536)));
    const samples: CacheSample[] = [];
    for (const cache of addFamilies(caches?.caches ?? []).values()) {
      if (isDetectorOverhead(cache.name)) continue;
      if (cache.bytes >= threshold && this.#listed.size < MOST_CACHES) this.#listed.add(cache.name);
      if (!this.#listed.has(cache.name)) continue;
      const { name, bytes: held, objects } = cache;
      samples.push({ name, bytes: held, ...(objects === undefined ? {} : { objects }) });
    }
    return samples;
  }
}

/** Why a file that nothing goes without is not there. */
function lackOf(file: string, problems: readonly Unread[]): string {
  const problem = problems.find(({ what }) => what === file);
  return problem ? `${file}: ${problem.why}` : `${file} was not seen`;
}

function emptySnapshot(part: SnapshotPart): Snapshot {
  return {
    label: 'this host',
    host: {},
    counters: new Map(),
    freeLists: [],
    reports: [],
    events: [],
    cgroups: [],
    processes: [],
    programs: [],
    modules: [],
    pools: [],
    dumped: { objects: [], words: [], symbols: [], structs: [] },
    seen: [],
    ...part,
  };
}

function wordError(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return `permission denied${process.getuid?.() === 0 ? ', even to root' : '; run as root'}`;
    case 'ETIMEDOUT':
      return 'did not answer within the time limit; the kernel holds its lock';
    default:
      return `could not be read: ${code}`;
  }
}
