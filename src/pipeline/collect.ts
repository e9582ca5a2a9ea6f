import { textFormats } from '../formats/catalog.ts';
import { MomentCollector } from '../model/gather/moments.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { InputError } from '../sources/input-error.ts';
import { openInput } from '../sources/open.ts';
import { readSightings, type Tally } from '../sources/read-sightings.ts';
import type { OpenOptions, Progress, SourceFile, Unread } from '../sources/source-file.ts';

export type ReadProgress = Progress;
export interface CollectOptions extends OpenOptions {
  /** Where this host's /proc, /sys and /dev are, where nothing is given; '' for the running host. */
  readonly root?: string;
}

/** What the inputs hold, as snapshots, and what was read or not on the way. */
export interface Collected {
  readonly snapshots: readonly Snapshot[];
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  /** Crash dumps that were met. */
  readonly dumps: readonly DumpAt[];
}

/** A crash dump that can be opened. */
export interface DumpAt {
  readonly file: string;
  /** As the user calls it. */
  readonly name: string;
}

/** Problems inside one input that are listed one by one; of more, the number is told. */
const MOST_PROBLEMS = 20;

/** Reads every input to its end. Nothing given means this host. */
export async function collect(inputs: readonly string[], options: CollectOptions = {}): Promise<Collected> {
  const reading = new Reading(options);
  if (inputs.length === 0) {
    const { openLiveHost } = await import('../sources/live-host.ts');
    for await (const file of openLiveHost(options, reading.unread)) await reading.read(file);
  }
  for (const input of inputs) {
    for await (const file of openInput(input, options, reading.unread)) await reading.read(file);
  }
  return reading.finish(inputs);
}

class Reading {
  readonly #collector = new MomentCollector();
  readonly #inputs = new Map<string, { kind: string; file: string }>();
  readonly #dumps: DumpAt[] = [];
  readonly #unread: { what: string; why: string }[] = [];
  readonly #options: CollectOptions;
  #problems = 0;
  #lines = 0;
  #texts = 0;

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /** A dump is no text, but not unread: it is opened for itself. Inside of an archive it cannot be. */
  readonly unread = ({ what, why, dump }: Unread): void => {
    if (dump?.file === undefined) this.#unread.push({ what, why });
    else this.#dumps.push({ file: dump.file, name: dump.name });
  };

  async read(file: SourceFile): Promise<void> {
    let found = 0;
    const done = (tally: Tally): void => this.#note(file, tally, found);
    for await (const sighting of readSightings(file, textFormats, { unread: this.unread, done })) {
      this.#options.signal?.throwIfAborted();
      found++;
      for (const { problem } of sighting.problems.slice(0, 3)) {
        if (++this.#problems <= MOST_PROBLEMS) this.unread({ what: `${sighting.file}:${sighting.line}`, why: problem });
      }
      // What the host did not give when the archive was made is not there now either.
      if (sighting.kind === 'snapshot-manifest') sighting.value.unread.forEach(this.unread);
      if (sighting.kind !== 'unread') this.#see(sighting.kind, sighting.file);
      this.#collector.add(file.input, file.path, sighting, file.modified);
    }
  }

  #see(kind: string, file: string): void {
    if (this.#inputs.size < 5000) this.#inputs.set(`${kind} ${file}`, { kind, file });
  }

  #note(file: SourceFile, tally: Tally, found: number): void {
    this.#lines += tally.lines;
    if (tally.binary && file.path === '') this.unread({ what: file.name, why: 'is not text; nothing in it was read' });
    if (tally.binary || tally.lines === 0) return;
    this.#texts++;
    if (found === 0 && tally.unclaimed > 0) {
      if (file.path === '') this.unread({ what: file.name, why: 'no known format begins in any of its lines' });
    }
  }

  finish(inputs: readonly string[]): Collected {
    const snapshots = this.#collector.finish();
    if (snapshots.length === 0 && this.#dumps.length === 0) throw this.#nothing(inputs);
    if (this.#problems > MOST_PROBLEMS) {
      this.unread({ what: 'further damage', why: `${this.#problems - MOST_PROBLEMS} more unreadable lines` });
    }
    return { snapshots, inputs: [...this.#inputs.values()], unread: this.#unread, dumps: this.#dumps };
  }

  /** One line: what was tried and what to do. */
  #nothing(inputs: readonly string[]): InputError {
    const [first = 'this host'] = inputs;
    const only = this.#unread[0];
    const name = inputs.length > 1 ? `${first} and ${inputs.length - 1} more` : first;
    if (this.#texts === 0) {
      const why = only ? only.why + (only.what === name ? '' : ` (${only.what})`) : 'it holds no text';
      return new InputError(name, `nothing could be read: ${why}`, 'give copies of /proc files, reports or archives');
    }
    return new InputError(
      name,
      `nothing is recognised: ${this.#lines} lines, ${textFormats.length} formats tried`,
      'kleak diagnose --formats lists what each looks for',
    );
  }
}
