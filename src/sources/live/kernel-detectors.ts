import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, openSync, closeSync, constants } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { codeOf, mountPoints } from '../tracefs/find-tracefs.ts';
import type { SourceFile } from '../source-file.ts';
import { HostClient } from './host-client.ts';
import { dmesgLines } from './kmsg.ts';

/** A file, or why there is none: the system's code. */
export type HostFileText = { readonly text: string; readonly cut?: true } | { readonly error: string };

const TIME_LIMIT = 10_000;
const MOST_BYTES = 16 * 2 ** 20;
const MOST_LOG = 32 * 2 ** 20;
const MOST_UNPACKED = 16 * 2 ** 20;

/**
 * What the kernel's own detectors say and take: the only place where kleak writes to debugfs. `root` is where the host's files
 * are, '' for the running host.
 */
export class KernelDetectors {
  readonly #root: string;
  readonly #host = new HostClient(TIME_LIMIT);

  constructor(root = '') {
    this.#root = root;
  }

  close(): void {
    this.#host.close();
  }

  async read(path: string, most: number = MOST_BYTES): Promise<HostFileText> {
    const { content, error, cut } = await this.#host.ask({ kind: 'file', path: this.#root + path, most });
    if (error !== undefined && content.length === 0) return { error };
    return { text: content.toString(), ...(cut ? { cut } : {}) };
  }

  /** Names in a folder; none where it cannot be read. */
  async names(path: string): Promise<readonly string[]> {
    const { content } = await this.#host.ask({ kind: 'names', path: this.#root + path, most: 20_000 });
    return content.toString().split('\n').filter(Boolean);
  }

  /** One small file of each folder in `path`: `NAME/FILE` and what it holds. */
  async each(path: string, file: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const name of await this.names(path)) {
      const content = await this.read(`${path}/${name}/${file}`, 4096);
      if ('text' in content) found.set(name, content.text.trim());
    }
    return found;
  }

  /** The kernel log as dmesg prints it; where its beginning was overwritten, what the boot left in /var/log before it. */
  async log(): Promise<string> {
    const { content } = await this.#host.ask({ kind: 'records', path: `${this.#root}/dev/kmsg`, most: MOST_LOG });
    const now = dmesgLines(content.toString());
    if (/\] (?:Linux version|Command line:)/.test(now.slice(0, 4000))) return now;
    const boot = await this.read('/var/log/dmesg');
    return `${'text' in boot ? boot.text : ''}\n${now}`;
  }

  /** The running kernel's configuration, and where it was found. */
  async config(): Promise<{ readonly text: string; readonly file: string } | undefined> {
    const packed = await this.#host.ask({ kind: 'file', path: `${this.#root}/proc/config.gz`, most: MOST_BYTES });
    if (packed.content.length > 0) {
      try {
        const text = gunzipSync(packed.content, { maxOutputLength: MOST_UNPACKED }).toString();
        return { text, file: '/proc/config.gz' };
      } catch {
        // Damaged; the files of the package say the same.
      }
    }
    const release = await this.read('/proc/sys/kernel/osrelease', 4096);
    if (!('text' in release)) return undefined;
    for (const file of [`/boot/config-${release.text.trim()}`, `/lib/modules/${release.text.trim()}/config`]) {
      const found = await this.read(file);
      if ('text' in found) return { text: found.text, file };
    }
    return undefined;
  }

  /** True where a kernel thread or process of that name runs. */
  async runs(comm: string): Promise<boolean> {
    const proc = `${this.#root}/proc`;
    const { content } = await this.#host.ask({
      kind: 'processes',
      path: 'comm',
      proc,
      most: 100_000,
      time: 2000,
    });
    return content.toString().split('\n').includes(comm);
  }

  /** Where debugfs is mounted; undefined where it is not. */
  debugfs(): string | undefined {
    return mountPoints(this.#root, 'debugfs')[0];
  }

  /** Opens a file to read and closes it again: the code where that is refused, '' where it works. */
  probe(path: string): string {
    try {
      closeSync(openSync(this.#root + path, constants.O_RDONLY | constants.O_NONBLOCK));
      return '';
    } catch (cause) {
      return codeOf(cause);
    }
  }

  /**
   * Writes one command to a file of debugfs. Gives the system's code where the kernel refused it. The kernel may take minutes to
   * carry it out, so another process writes: `stop` ends that one, and with it what the kernel does for it.
   */
  write(path: string, command: string, stop?: AbortSignal): Promise<string | undefined> {
    return writeElsewhere(this.#root + path, command, stop);
  }

  /** A file as an input, at most `most` bytes of it and for `seconds`; `cut` is called where that ended it. */
  file(path: string, most: number, seconds: number, cut: (why: string) => void): SourceFile {
    const name = this.#root + path;
    return { input: 'this host', path: path.slice(1), name: path, text: () => bounded(name, most, seconds, cut) };
  }
}

/** What the writing process runs: says the system's code, or nothing. */
const WRITER = `const fs = require('node:fs');
try { fs.writeSync(fs.openSync(process.argv[1], fs.constants.O_WRONLY), process.argv[2]); }
catch (cause) { process.stdout.write(String(cause.code ?? cause)); }`;

async function writeElsewhere(
  path: string,
  command: string,
  stop: AbortSignal | undefined,
): Promise<string | undefined> {
  stop?.throwIfAborted();
  const child = spawn(process.execPath, ['-e', WRITER, path, command], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  });
  const end = (): void => void child.kill('SIGKILL');
  stop?.addEventListener('abort', end, { once: true });
  try {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    stop?.throwIfAborted();
    return said === '' ? undefined : said;
  } finally {
    stop?.removeEventListener('abort', end);
  }
}

async function* bounded(
  name: string,
  most: number,
  seconds: number,
  cut: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  const until = performance.now() + seconds * 1000;
  let bytes = 0;
  const stream = createReadStream(name, { highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      yield chunk;
      if (bytes < most && performance.now() < until) continue;
      cut(
        bytes < most
          ? `was read for ${seconds} s; the rest was not`
          : `is longer than ${most} bytes; the rest was not read`,
      );
      return;
    }
  } catch (cause) {
    cut(`could not be read to its end: ${codeOf(cause)}`);
  } finally {
    stream.destroy();
  }
}
