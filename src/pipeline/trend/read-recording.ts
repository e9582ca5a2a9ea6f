import { closeSync, openSync, readSync } from 'node:fs';
import { measureAccounting } from '../../analysis/accounting.ts';
import { addFamilies } from '../../analysis/caches.ts';
import { measureRelation } from '../../analysis/relation.ts';
import { seconds } from '../../base/units.ts';
import type { Sample } from '../../model/sample.ts';
import { isDetectorOverhead } from '../../model/slab-names.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { InputError } from '../../sources/input-error.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { collect, type CollectOptions } from '../collect.ts';
import { Recording } from './recording.ts';

export interface ReadRecording {
  readonly recording: Recording;
  /** True where times are those of a wall clock. */
  readonly wallClock: boolean;
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** Samples that are looked at; of longer recordings, evenly spaced ones. */
const MOST_SAMPLES = 4000;

/** Reads a database of samples, or copies of /proc files in order of time. `since`: milliseconds since 1970. */
export async function readRecording(
  inputs: readonly string[],
  options: CollectOptions & { readonly since?: number } = {},
): Promise<ReadRecording> {
  const [first = ''] = inputs;
  if (isDatabase(first)) {
    if (inputs.length > 1)
      throw new InputError(
        inputs[1] ?? '',
        'is one input too many',
        'give one database, or folders of copies of /proc',
      );
    return readStore(first, options.since);
  }
  const collected = await collect(inputs, options);
  const relation = measureRelation(collected.snapshots);
  if (relation.kind !== 'series') {
    const why =
      collected.snapshots.length < 2 ? 'holds one moment only' : 'holds moments of several hosts, or without times';
    throw new InputError(first, why, 'give several copies of /proc of one host, or a database of kleak record');
  }
  const recording = new Recording();
  for (const snapshot of relation.snapshots) {
    const sample = sampleOf(snapshot);
    if (sample) recording.add(sample);
  }
  const wallClock = relation.snapshots[0]?.time?.clock !== 'boot';
  return { recording, wallClock, inputs: collected.inputs, unread: collected.unread };
}

const MAGIC = 'SQLite format 3\u0000';

/** Told from content. What is not there is left to the store, which says what to do. */
function isDatabase(file: string): boolean {
  const head = Buffer.alloc(MAGIC.length);
  let fd = -1;
  try {
    fd = openSync(file, 'r');
    readSync(fd, head);
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' && file.endsWith('.db');
  } finally {
    if (fd >= 0) closeSync(fd);
  }
  return head.toString('latin1') === MAGIC;
}

function readStore(file: string, since: number | undefined): ReadRecording {
  const store = new SampleStore(file, 'read');
  try {
    const range = since === undefined ? {} : { from: since };
    const extent = store.extent(range);
    if (!extent) throw new InputError(file, 'holds no samples yet', 'let kleak record run for a while');
    const recording = new Recording();
    const every = (extent.last - extent.first) / MOST_SAMPLES;
    for (const sample of store.samples(extent.samples > MOST_SAMPLES ? { ...range, every } : range))
      recording.add(sample);
    recording.events.push(...store.events(range));
    return { recording, wallClock: true, inputs: [{ kind: 'samples', file }], unread: [] };
  } finally {
    store.close();
  }
}

/** A snapshot as the recorder would have sampled it. */
function sampleOf(snapshot: Snapshot): Sample | undefined {
  const accounted = measureAccounting(snapshot);
  if (accounted.state === 'missing' || !snapshot.time) return undefined;
  const { buckets, unexplained, total } = accounted.value;
  const available = snapshot.counters.get('MemAvailable')?.bytes;
  return {
    at: snapshot.time.seconds * 1000,
    boot: '',
    uptime: seconds(snapshot.time.seconds),
    totalBytes: total.bytes,
    buckets: new Map(buckets.map((b) => [b.name, b.bytes])),
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(available === undefined ? {} : { available }),
    caches: [...addFamilies(snapshot.caches?.caches ?? []).values()]
      .filter((c) => !isDetectorOverhead(c.name))
      .map(({ name, bytes, objects }) => ({ name, bytes, ...(objects === undefined ? {} : { objects }) })),
    processes: [],
  };
}
