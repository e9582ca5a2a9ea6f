/**
 * The process that reads files of this host for kleak. A file of /proc can hang for good, where a sick kernel holds its
 * lock; a process that waits for such a file can neither be ended nor end itself, so it must not be the one that talks to the
 * user. Takes one request per line on standard input and answers each with parts, each a line of JSON and the bytes that it
 * announces, as they are read; the last has no `more`.
 */
import { closeSync, constants, openSync, readSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * What is wanted: a file, kernel log records, the links of a folder, the names in a folder, files of every process, small
 * files of many folders, or the packages that are installed.
 */
export interface HostRequest {
  readonly kind: 'file' | 'records' | 'links' | 'names' | 'processes' | 'set' | 'packages';
  /** For `processes`, the file's name in each process's folder; for `packages`, where the host's file system is. */
  readonly path: string;
  /** At most this many bytes, links, names or processes; of a `set`, files. */
  readonly most: number;
  /** Where /proc is; `processes` only. */
  readonly proc?: string;
  /** Milliseconds that are added to the time limit; `processes` stops by itself then. */
  readonly time?: number;
  /**
   * A pattern: of a `set` which names in the folder, of `packages` which ones; without it those that say something about
   * memory.
   */
  readonly names?: string;
  /** `set` only: which files or links below each name. */
  readonly files?: readonly string[];
}

/** How reading ended. */
export interface HostResult {
  /** The system's error code, where reading failed; what came before it was sent. */
  readonly error?: string;
  /** True where there was more. */
  readonly cut?: true;
  /** Processes seen, read and forbidden. */
  readonly processes?: { readonly seen: number; readonly read: number; readonly denied: number };
}

/** One part of an answer. */
export interface HostAnswer extends HostResult {
  /** How many bytes follow. */
  readonly bytes: number;
  readonly more?: true;
}

type Send = (bytes: Uint8Array) => void;

const STDOUT = 1;
const READ_AT_ONCE = 256 * 1024;
const LARGEST_RECORD = 8192;
const LARGEST_SMALL = 4096;
/** Parts of this size go out; small ones are put together. */
const PART = 64 * 1024;

async function answer(request: HostRequest, send: Send): Promise<HostResult> {
  switch (request.kind) {
    case 'file':
      return readUpTo(request.path, request.most, READ_AT_ONCE, send);
    case 'records':
      return readUpTo(request.path, request.most, LARGEST_RECORD, send);
    case 'links':
      return fromList(request, send, (name) => `${name} -> ${readlinkSync(`${request.path}/${name}`)}`);
    case 'names':
      return fromList(request, send, (name) => name);
    case 'processes':
      return readProcesses(request, send);
    case 'set':
      return readSet(request, send);
    case 'packages': {
      const { concernsMemory, readPackages } = await import('../packages/read-packages.ts');
      const { writeInstalled } = await import('./installed.ts');
      const { names, path } = request;
      const pattern = names === undefined ? undefined : new RegExp(names);
      const found = readPackages(path, pattern === undefined ? concernsMemory : (name) => pattern.test(name));
      send(Buffer.from(writeInstalled(found)));
      return {};
    }
  }
}

/** Reads until the end, an error or the limit. A record that was overwritten before it was read gives EPIPE. */
function readUpTo(path: string, most: number, atOnce: number, send: Send): HostResult {
  const buffer = Buffer.allocUnsafe(Math.min(atOnce, Math.max(most, LARGEST_SMALL)));
  let bytes = 0;
  let fd = -1;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    while (bytes < most) {
      const read = readSome(fd, buffer);
      if (read === undefined) continue;
      if (read === 0) return {};
      send(buffer.subarray(0, Math.min(read, most - bytes)));
      bytes += read;
    }
    return bytes === most && readSome(fd, buffer) === 0 ? {} : { cut: true };
  } catch (cause) {
    return bytes > 0 && codeOf(cause) === 'EAGAIN' ? {} : { error: codeOf(cause) };
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function readSome(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer);
  } catch (cause) {
    if (codeOf(cause) === 'EPIPE') return undefined;
    throw cause;
  }
}

function fromList({ path, most }: HostRequest, send: Send, line: (name: string) => string): HostResult {
  try {
    const names = readdirSync(path).toSorted();
    for (const name of names.slice(0, most)) {
      const text = quietly(() => line(name)); // Not a link, or gone by now.
      if (text !== undefined) send(Buffer.from(`${text}\n`));
    }
    return names.length > most ? { cut: true } : {};
  } catch (cause) {
    return { error: codeOf(cause) };
  }
}

/**
 * Small files below many folders in one go: path, NUL, content, NUL for each that is there and not empty; of a link, its
 * target.
 */
function readSet({ path, most, names = '', files = [] }: HostRequest, send: Send): HostResult {
  try {
    const pattern = new RegExp(names);
    const found = readdirSync(path)
      .filter((name) => pattern.test(name))
      .toSorted();
    const paths = found.flatMap((name) => files.map((file) => `${name}/${file}`));
    for (const inside of paths.slice(0, most)) {
      const content = small(`${path}/${inside}`);
      if (content !== undefined && content.length > 0) send(Buffer.concat([Buffer.from(`${inside}\0`), content, ZERO]));
    }
    return paths.length > most ? { cut: true } : {};
  } catch (cause) {
    return { error: codeOf(cause) };
  }
}

const ZERO = Buffer.alloc(1);

function small(path: string): Uint8Array | undefined {
  const parts: Buffer[] = [];
  const { error } = readUpTo(path, LARGEST_SMALL, LARGEST_SMALL, (bytes) => parts.push(Buffer.from(bytes)));
  if (error === undefined) return Buffer.concat(parts);
  const target = quietly(() => readlinkSync(path));
  return target === undefined ? undefined : Buffer.from(target);
}

/** Each process's file below a heading that names it, as `tail -n +1 FILE…` prints them. */
function readProcesses({ proc = '/proc', path, most, time = 1000 }: HostRequest, send: Send): HostResult {
  const until = performance.now() + time;
  const pids = quietly(() => readdirSync(proc).filter((name) => /^\d+$/.test(name))) ?? [];
  let denied = 0;
  let seen = 0;
  let read = 0;
  for (const pid of pids.slice(0, most)) {
    if (performance.now() > until) break;
    seen++;
    const parts: Buffer[] = [];
    const { error } = readUpTo(`${proc}/${pid}/${path}`, 64 * 1024, 16 * 1024, (bytes) =>
      parts.push(Buffer.from(bytes)),
    );
    if (error === 'EACCES' || error === 'EPERM') denied++;
    if (error !== undefined || parts.length === 0) continue;
    read++;
    send(Buffer.concat([Buffer.from(`==> /proc/${pid}/${path} <==\n`), ...parts]));
  }
  return { processes: { seen, read, denied }, ...(seen < pids.length ? { cut: true } : {}) };
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (cause) {
      if (codeOf(cause) !== 'EAGAIN') throw cause;
    }
  }
}

/** Sends what is gathered once it is a part's worth; the bytes are copied, so that readers can use their buffer again. */
function partsInto(): { readonly send: Send; readonly end: (result: HostResult) => void } {
  let parts: Buffer[] = [];
  let bytes = 0;
  const flush = (rest: HostResult | { readonly more: true }): void => {
    const head = { bytes, ...rest } satisfies HostAnswer;
    write(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...parts]));
    parts = [];
    bytes = 0;
  };
  const send: Send = (part) => {
    parts.push(Buffer.from(part));
    bytes += part.length;
    if (bytes >= PART) flush({ more: true });
  };
  return { send, end: flush };
}

if (process.argv[2] === 'serve') {
  // It has begun: from here on time limits count.
  partsInto().end({});
  for await (const line of createInterface({ input: process.stdin })) {
    const { send, end } = partsInto();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is host-client.ts, compiled with it
    end(await answer(JSON.parse(line) as HostRequest, send));
  }
}
