import { HostClient, type HostReply } from './live/host-client.ts';
import { HOST_FILES, HOST_FILE_SETS, type HostFile, type HostFileSet } from './live/host-files.ts';
import type { HostRequest } from './live/host-reader.ts';
import { dmesgLines } from './live/kmsg.ts';
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
}

const TIME_LIMIT = 2000;
const FILE_BYTES = 64 * 2 ** 20;
const MOST_PROCESSES = 4096;
const PROCESS_TIME = 1500;
const MOST_NAMES = 20_000;

/**
 * Reads everything on this host that says something about its memory, one file after another. It only reads. What could
 * not be read is handed to `unread` with the reason and what would help. No file can hold the run.
 */
export async function* openLiveHost(
  options: LiveOptions,
  unread: (unread: Unread) => void,
): AsyncGenerator<SourceFile> {
  const host = new LiveHost(options, unread);
  try {
    for (const file of HOST_FILES) yield* host.file(file);
    yield* host.slabLinks();
    for (const set of HOST_FILE_SETS) yield* host.fileSet(set);
    yield* host.kernelLog();
    yield* host.processes();
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

  async *file({ path, gives, needs }: HostFile): AsyncGenerator<SourceFile> {
    const reply = await this.#ask({ kind: 'file', path: this.#root + path, most: this.#most });
    if (reply.error !== undefined) this.#explain(path, reply, gives, needs);
    if (reply.cut) this.#tell({ what: path, why: `is longer than ${this.#most} bytes; the rest was not read` });
    yield* present(path, reply.content);
  }

  async *slabLinks(): AsyncGenerator<SourceFile> {
    const path = '/sys/kernel/slab';
    const reply = await this.#ask({ kind: 'links', path: this.#root + path, most: MOST_NAMES });
    if (reply.error !== undefined) this.#explain(path, reply, 'which slab caches are merged');
    yield* present(path, reply.content);
  }

  async *fileSet({ folder, names, files, line }: HostFileSet): AsyncGenerator<SourceFile> {
    const listed = await this.#ask({ kind: 'names', path: this.#root + folder, most: MOST_NAMES });
    const found = listed.content
      .toString()
      .split('\n')
      .filter((name) => names.test(name));
    const together: string[] = [];
    for (const path of found.flatMap((name) => files.map((file) => `${name}/${file}`))) {
      const reply = await this.#ask({ kind: 'file', path: `${this.#root}${folder}/${path}`, most: this.#most });
      if (reply.error !== undefined) this.#explain(`${folder}/${path}`, reply, 'what it holds');
      else if (line) together.push(line(path, reply.content.toString()));
      else yield* present(`${folder}/${path}`, reply.content);
    }
    yield* present(folder, Buffer.from(together.join('')));
  }

  async *kernelLog(): AsyncGenerator<SourceFile> {
    const path = '/dev/kmsg';
    const reply = await this.#ask({ kind: 'records', path: this.#root + path, most: this.#most });
    const log = dmesgLines(reply.content.toString());
    if (reply.error !== undefined && reply.error !== 'EAGAIN')
      this.#explain(path, reply, 'the kernel log', 'a container has none; give the output of dmesg from the host');
    yield* present(path, Buffer.from(log));
  }

  /** Status of every process, and what each holds in proportion; the latter only whole, since a part of a sum misleads. */
  async *processes(): AsyncGenerator<SourceFile> {
    const common = { kind: 'processes', most: MOST_PROCESSES, proc: `${this.#root}/proc`, time: PROCESS_TIME } as const;
    const statuses = await this.#ask({ ...common, path: 'status' });
    const { seen = 0 } = statuses.processes ?? {};
    if (statuses.error !== undefined) this.#explain('/proc/*/status', statuses, 'what processes hold');
    if (statuses.cut) this.#tell({ what: '/proc/*/status', why: `only ${seen} processes were read in the time given` });
    yield* present('/proc/*/status', statuses.content);

    const what = '/proc/*/smaps_rollup';
    const rollups = await this.#ask({ ...common, path: 'smaps_rollup' });
    const { denied = 0 } = rollups.processes ?? {};
    if (rollups.error !== undefined) this.#explain(what, rollups, 'the processes’ share of memory');
    else if (rollups.cut) this.#tell({ what, why: 'took too long to add up over all processes; their RSS is used' });
    else if (denied > 0) this.#tell({ what, why: `${denied} processes cannot be read${asRoot()}; their RSS is used` });
    else yield* present(what, rollups.content);
  }

  async #ask(request: HostRequest): Promise<HostReply> {
    this.#options.signal?.throwIfAborted();
    return this.#client.ask(request);
  }

  #explain(path: string, { error = '' }: HostReply, gives: string, needs?: string): void {
    if (error === 'ENOENT' || error === 'ENOTDIR') {
      if (needs !== undefined) this.#tell({ what: path, why: `no such file; ${needs} (it gives ${gives})` });
    } else if (error === 'EACCES' || error === 'EPERM') {
      this.#tell({
        what: path,
        why: `permission denied${process.getuid?.() === 0 ? ', even to root' : '; run as root'} (it gives ${gives})`,
      });
    } else if (error === 'ETIMEDOUT') {
      this.#tell({
        what: path,
        why: `did not answer within the time limit; the kernel holds its lock (it gives ${gives})`,
      });
    } else if (error === 'ECHILD') {
      this.#tell({ what: path, why: `the process that reads it ended (it gives ${gives})` });
    } else {
      this.#tell({ what: path, why: `could not be read: ${error} (it gives ${gives})` });
    }
  }
}

/** Advice only for who is not root yet: the rest a security module or a container forbids. */
const asRoot = (): string => (process.getuid?.() === 0 ? '' : ', run as root to add up their share of memory');

async function* present(path: string, content: Buffer): AsyncGenerator<SourceFile> {
  if (content.length === 0) return;
  const modified = Date.now();
  yield { input: THIS_HOST, path: path.slice(1), name: path, modified, text: () => once(content) };
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
