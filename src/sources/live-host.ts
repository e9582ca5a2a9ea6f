import { machine } from 'node:os';
import { HostClient, type HostReply } from './live/host-client.ts';
import { asRoot, explainReply, isAbsent } from './live/explain-reply.ts';
import {
  HOST_FILES,
  HOST_FILE_SETS,
  HOST_VALUES,
  KALLSYMS,
  SLAB_VALUES,
  type HostFile,
  type HostFileSet,
  type HostValues,
} from './live/host-files.ts';
import type { HostRequest } from './live/host-reader.ts';
import { dmesgLines } from './live/kmsg.ts';
import { readInstalled, spellPackages } from './live/installed.ts';
import type { OpenOptions, SourceFile, Unread } from './source-file.ts';

/** What reports call the host that kleak runs on. */
export const THIS_HOST = 'this host';

export interface LiveOptions extends Pick<OpenOptions, 'signal'> {
  /** Where the host's /proc, /sys and /dev are; '' for the running host. */
  readonly root?: string;
  /** Milliseconds for one file. */
  readonly timeLimit?: number;
  /** Bytes of one file. */
  readonly fileBytes?: number;
  /** True to read /proc/kallsyms too. */
  readonly kallsyms?: boolean;
}

/** A file of this host, and how its reading went. */
export interface HostSource extends SourceFile {
  readonly bytes: number;
  /** True where there was more of it. */
  readonly cut: boolean;
  /** Milliseconds that reading took. */
  readonly took: number;
}

const TIME_LIMIT = 2000;
const FILE_BYTES = 64 * 2 ** 20;
const MOST_PROCESSES = 4096;
const PROCESS_TIME = 1500;
const MOST_NAMES = 20_000;
/** Milliseconds for all files of one kind, of which a host may have hundreds. */
const SET_TIME = 15_000;

/**
 * Reads everything on this host that says something about its memory, one file after another. It only reads. What could
 * not be read is handed to `unread` with the reason and what would help. No file can hold the run.
 */
export async function* openLiveHost(
  options: LiveOptions,
  unread: (unread: Unread) => void,
): AsyncGenerator<HostSource> {
  const host = new LiveHost(options, unread);
  try {
    for (const file of HOST_FILES) yield* host.file(file);
    yield* host.slabCaches();
    for (const values of HOST_VALUES) yield* host.values(values);
    for (const set of HOST_FILE_SETS) yield* host.fileSet(set);
    yield* host.kernelLog();
    yield* host.processes();
    yield* host.name();
    yield* host.packages();
    if (options.kallsyms === true) yield* host.file(KALLSYMS);
  } finally {
    host.close();
  }
}

class LiveHost {
  readonly #options: LiveOptions;
  readonly #root: string;
  readonly #most: number;
  readonly #tell: (unread: Unread) => void;
  readonly #client: HostClient;
  #asked = performance.now();

  constructor(options: LiveOptions, unread: (unread: Unread) => void) {
    this.#options = options;
    this.#root = options.root ?? '';
    this.#most = options.fileBytes ?? FILE_BYTES;
    this.#tell = unread;
    this.#client = new HostClient(options.timeLimit ?? TIME_LIMIT);
  }

  close(): void {
    this.#client.close();
  }

  async *file({ path, gives, needs, slow = 0 }: HostFile): AsyncGenerator<HostSource> {
    const reply = await this.#ask({ kind: 'file', path: this.#root + path, most: this.#most, time: slow });
    if (reply.error !== undefined) this.#explain(path, reply, gives, needs);
    if (reply.cut) this.#tell({ what: path, why: `is longer than ${this.#most} bytes; the rest was not read` });
    yield* this.#present(path, reply);
  }

  /** Which caches are merged, and what there is to say of each. */
  async *slabCaches(): AsyncGenerator<HostSource> {
    const path = SLAB_VALUES.folder;
    const reply = await this.#ask({ kind: 'links', path: this.#root + path, most: MOST_NAMES });
    if (reply.error !== undefined) this.#explain(path, reply, 'which slab caches are merged');
    yield* this.#present(path, reply);
    // The links lead to the same folders again.
    const merged = new Set(reply.content.toString().match(/^.*(?= -> )/gm));
    yield* this.values({
      ...SLAB_VALUES,
      line: (at, content) => (merged.has(at.slice(0, at.lastIndexOf('/'))) ? '' : SLAB_VALUES.line(at, content)),
    });
  }

  /** In the folder's name; the links that have the same folder come under another. */
  async *values({ folder, names, files, gives, line }: HostValues): AsyncGenerator<HostSource> {
    const path = this.#root + folder;
    const reply = await this.#ask({ kind: 'set', path, most: MOST_NAMES, names: names.source, files });
    if (reply.error !== undefined) this.#explain(folder, reply, gives);
    if (reply.cut) this.#tell({ what: folder, why: `has more than ${MOST_NAMES} files; the rest was not read` });
    const fields = reply.content.toString().split('\0');
    const lines = fields.flatMap((at, i) => (i % 2 === 0 && at !== '' ? [line(at, fields[i + 1] ?? '')] : []));
    const under = folder === SLAB_VALUES.folder ? `${folder}_values` : folder;
    yield* this.#present(under, reply, [Buffer.from(lines.join(''))]);
  }

  async *fileSet({ folder, names, files, gives, slow = 0 }: HostFileSet): AsyncGenerator<HostSource> {
    const listed = await this.#ask({ kind: 'names', path: this.#root + folder, most: MOST_NAMES });
    if (listed.error !== undefined) this.#explain(folder, listed, gives);
    const found = listed.content
      .toString()
      .split('\n')
      .filter((name) => names.test(name));
    const until = performance.now() + SET_TIME;
    const paths = found.flatMap((name) => files.map((file) => `${folder}/${name}/${file}`));
    for (const [i, path] of paths.entries()) {
      if (performance.now() > until) {
        const why = `${paths.length - i} of ${paths.length} files were not read in the time given (they give ${gives})`;
        this.#tell({ what: folder, why });
        return;
      }
      yield* this.file({ path, gives, slow });
    }
  }

  async *kernelLog(): AsyncGenerator<HostSource> {
    const path = '/dev/kmsg';
    const reply = await this.#ask({ kind: 'records', path: this.#root + path, most: this.#most });
    if (reply.error !== undefined && reply.error !== 'EAGAIN') {
      const help = 'a container has none; give the output of dmesg from the host';
      this.#explain(path, reply, 'the kernel log', help);
    }
    // A part ends where a record ends: each record is one read.
    const parts = reply.parts.map((part) => Buffer.from(dmesgLines(part.toString())));
    yield* this.#present(path, reply, parts);
  }

  /** Status of every process, and what each holds in proportion, as far as that can be read. */
  async *processes(): AsyncGenerator<HostSource> {
    const common = { kind: 'processes', most: MOST_PROCESSES, proc: `${this.#root}/proc`, time: PROCESS_TIME } as const;
    const statuses = await this.#ask({ ...common, path: 'status' });
    const { seen = 0 } = statuses.processes ?? {};
    if (statuses.error !== undefined) this.#explain('/proc/*/status', statuses, 'what processes hold');
    if (statuses.cut) this.#tell({ what: '/proc/*/status', why: `only ${seen} processes were read in the time given` });
    yield* this.#present('/proc/*/status', statuses);

    const what = '/proc/*/smaps_rollup';
    const rollups = await this.#ask({ ...common, path: 'smaps_rollup' });
    const { denied = 0 } = rollups.processes ?? {};
    if (rollups.error !== undefined) this.#explain(what, rollups, 'the processes’ share of memory');
    if (rollups.cut)
      this.#tell({ what, why: 'took too long to add up over all processes; RSS is used for the others' });
    if (denied > 0) {
      const whose = denied === 1 ? 'one process' : `${denied} processes`;
      this.#tell({ what, why: `${whose} cannot be read${asRoot()}; RSS is used instead` });
    }
    yield* this.#present(what, rollups);
  }

  /** The host's name and machine, in the words of `uname -a`, from the files that hold them. */
  async *name(): AsyncGenerator<HostSource> {
    const folder = `${this.#root}/proc/sys`;
    const files = ['hostname', 'osrelease', 'version', 'arch'];
    const reply = await this.#ask({ kind: 'set', path: folder, most: MOST_NAMES, names: '^kernel$', files });
    const fields = reply.content.toString().split('\0');
    const values = new Map(fields.map((at, i) => [at, (fields[i + 1] ?? '').trim()]));
    const [host, release, version, arch] = files.map((file) => values.get(`kernel/${file}`));
    if (host === undefined || release === undefined || version === undefined) return;
    // `arch` is there since 6.1; before, a host elsewhere does not tell.
    const text = ['Linux', host, release, version, arch ?? (this.#root === '' ? machine() : ''), 'GNU/Linux'];
    yield* this.#present('/uname', reply, [Buffer.from(`${text.filter((t) => t !== '').join(' ')}\n`)]);
  }

  async *packages(): AsyncGenerator<HostSource> {
    const reply = await this.#ask({ kind: 'packages', path: this.#root, most: 1 });
    if (reply.error !== undefined) this.#explain('packages', reply, 'which versions are installed');
    const { packages, unread } = readInstalled(reply.content.toString());
    for (const one of unread) this.#tell(one);
    yield* this.#present('/packages', reply, [Buffer.from(spellPackages(packages))]);
  }

  async #ask(request: HostRequest): Promise<HostReply> {
    this.#options.signal?.throwIfAborted();
    this.#asked = performance.now();
    return this.#client.ask(request);
  }

  #explain(path: string, { error = '' }: HostReply, gives: string, needs?: string): void {
    if (!isAbsent(error)) this.#tell({ what: path, why: explainReply(error, gives) });
    else if (needs !== undefined) this.#tell({ what: path, why: `no such file; ${needs} (it gives ${gives})` });
  }

  /** `parts`: what was made of the reply, where it is not shown as it came. */
  *#present(path: string, reply: HostReply, parts = reply.parts): Generator<HostSource> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes === 0) return;
    yield {
      input: THIS_HOST,
      path: path.slice(1),
      name: path,
      modified: Date.now(),
      bytes,
      cut: reply.cut === true || (reply.error !== undefined && reply.error !== 'EAGAIN'),
      took: performance.now() - this.#asked,
      text: () => inOrder(parts),
    };
  }
}

async function* inOrder(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
