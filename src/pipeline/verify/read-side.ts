import { InputError } from '../../sources/input-error.ts';
import { SampleStore, type StoreRange } from '../../sources/store/sample-store.ts';
import type { CollectOptions } from '../collect.ts';
import { readRecording } from '../trend/read-recording.ts';
import { Recording } from '../trend/recording.ts';
import { parseRange } from './parse-range.ts';

/** One side of a comparison: a recording for each host. */
export interface Side {
  readonly inputs: readonly string[];
  readonly hosts: readonly { readonly name: string; readonly recording: Recording }[];
  readonly wallClock: boolean;
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** Samples that are looked at; of longer recordings, evenly spaced ones. */
const MOST_SAMPLES = 4000;

/**
 * Each input is a host where it holds several moments (a database, a folder or archive of copies of /proc); where each holds
 * one moment, they are one host's, in order of time.
 */
export async function readSide(inputs: readonly string[], options: CollectOptions): Promise<Side> {
  const [only] = inputs;
  if (only !== undefined && inputs.length === 1) return joined(inputs, [await readHost(only, options)]);
  const hosts: Host[] = [];
  for (const input of inputs) {
    try {
      hosts.push(await readHost(input, options));
    } catch (cause) {
      if (!isOneMoment(cause)) throw cause;
      // One moment each: they are a series together, or cannot be compared.
      return joined(inputs, [await readHost(inputs, options)]);
    }
  }
  return joined(inputs, hosts);
}

interface Host {
  readonly name: string;
  readonly recording: Recording;
  readonly wallClock: boolean;
  readonly unread: Side['unread'];
}

async function readHost(input: string | readonly string[], options: CollectOptions): Promise<Host> {
  const inputs = typeof input === 'string' ? [input] : input;
  const { recording, wallClock, unread } = await readRecording(inputs, options);
  if (recording.samples < 3)
    throw new InputError(
      inputs[0] ?? '',
      `holds ${recording.samples} moments; a slope needs three`,
      'give more copies of /proc',
    );
  return { name: inputs[0] ?? '', recording, wallClock, unread };
}

/** What readRecording says of a single moment. */
const isOneMoment = (cause: unknown): boolean =>
  cause instanceof InputError && cause.message.includes('one moment only');

const joined = (inputs: readonly string[], hosts: readonly Host[]): Side => ({
  inputs,
  hosts,
  wallClock: hosts.every((h) => h.wallClock),
  unread: hosts.flatMap((h) => h.unread),
});

/** A part of a database: `FROM..TO`, each a time, a mark, `-3h` before the end, or nothing. */
export function readRange(file: string, range: string): Side {
  const store = new SampleStore(file, 'read');
  try {
    const extent = store.extent();
    if (!extent) throw new InputError(file, 'holds no samples yet', 'let kleak record run for a while');
    const marks = store.events().filter((e) => e.kind === 'mark');
    const { from, to } = parseRange(range, extent.last, marks);
    const bounds: StoreRange = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const part = store.extent(bounds);
    if (!part || part.samples < 3)
      throw new InputError(
        range,
        `holds ${part?.samples ?? 0} samples of ${file}; a slope needs three`,
        'give a longer range',
      );
    const recording = new Recording();
    const every = (part.last - part.first) / MOST_SAMPLES;
    for (const sample of store.samples(part.samples > MOST_SAMPLES ? { ...bounds, every } : bounds))
      recording.add(sample);
    return { inputs: [`${file} ${range}`], hosts: [{ name: file, recording }], wallClock: true, unread: [] };
  } finally {
    store.close();
  }
}
