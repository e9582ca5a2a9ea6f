/**
 * The process that reads files of this host for kleak. A file of /proc can hang for good, where a sick kernel holds its
 * lock; a process that waits for such a file can neither be ended nor end itself, so it must not be the one that talks to the
 * user. Takes one request per line on standard input and answers each with a line of JSON and the bytes it announces.
 */
import { closeSync, constants, openSync, readSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What is wanted: a file, kernel log records, the links of a folder, the names in a folder, or files of every process. */
export interface HostRequest {
  readonly kind: 'file' | 'records' | 'links' | 'names' | 'processes';
  /** For `processes`, the file's name in each process's folder. */
  readonly path: string;
  /** At most this many bytes, links, names or processes. */
  readonly most: number;
  /** Where /proc is; `processes` only. */
  readonly proc?: string;
  /** Milliseconds; `processes` only. */
  readonly time?: number;
}

export interface HostAnswer {
  /** How many bytes follow. */
  readonly bytes: number;
  /** The system's error code, where reading failed; what came before it follows. */
  readonly error?: string;
  /** True where there was more. */
  readonly cut?: true;
  /** Processes seen, read and forbidden. */
  readonly processes?: { readonly seen: number; readonly read: number; readonly denied: number };
}

interface Result extends Omit<HostAnswer, 'bytes'> {
  readonly content: Buffer;
}

const STDOUT = 1;
const READ_AT_ONCE = 256 * 1024;
const LARGEST_RECORD = 8192;

function answer(request: HostRequest): Result {
  switch (request.kind) {
    case 'file':
      return readUpTo(request.path, request.most, READ_AT_ONCE);
    case 'records':
      return readUpTo(request.path, request.most, LARGEST_RECORD);
    case 'links':
      return fromList(request, (name) => `${name} -> ${readlinkSync(`${request.path}/${name}`)}`);
    case 'names':
      return fromList(request, (name) => name);
    case 'processes':
      return readProcesses(request);
  }
}

/** Reads until the end, an error or the limit. A record that was overwritten before it was read gives EPIPE. */
function readUpTo(path: string, most: number, atOnce: number): Result {
  const parts: Buffer[] = [];
  let bytes = 0;
  let fd = -1;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    while (bytes < most) {
      const part = readSome(fd, atOnce);
      if (part === undefined) continue;
      if (part.length === 0) return { content: Buffer.concat(parts) };
      parts.push(part);
      bytes += part.length;
    }
    return { content: Buffer.concat(parts), cut: true };
  } catch (cause) {
    const ended = parts.length > 0 && codeOf(cause) === 'EAGAIN';
    return { content: Buffer.concat(parts), ...(ended ? {} : { error: codeOf(cause) }) };
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function readSome(fd: number, atOnce: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(atOnce);
  try {
    return Buffer.from(buffer.subarray(0, readSync(fd, buffer)));
  } catch (cause) {
    if (codeOf(cause) === 'EPIPE') return undefined;
    throw cause;
  }
}

function fromList({ path, most }: HostRequest, line: (name: string) => string): Result {
  try {
    const names = readdirSync(path).toSorted();
    const lines = names.slice(0, most).flatMap((name) => {
      try {
        return [`${line(name)}\n`];
      } catch {
        return []; // Not a link, or gone by now.
      }
    });
    return { content: Buffer.from(lines.join('')), ...(names.length > most ? { cut: true as const } : {}) };
  } catch (cause) {
    return { content: Buffer.alloc(0), error: codeOf(cause) };
  }
}

function readProcesses({ proc = '/proc', path, most, time = 1000 }: HostRequest): Result {
  const until = performance.now() + time;
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  const parts: Buffer[] = [];
  let denied = 0;
  let seen = 0;
  for (const pid of pids.slice(0, most)) {
    if (performance.now() > until) break;
    seen++;
    const { content, error } = readUpTo(`${proc}/${pid}/${path}`, 64 * 1024, 16 * 1024);
    if (error === 'EACCES' || error === 'EPERM') denied++;
    else if (error === undefined && content.length > 0) parts.push(content);
  }
  const processes = { seen, read: parts.length, denied };
  return { content: Buffer.concat(parts), processes, ...(seen < pids.length ? { cut: true as const } : {}) };
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}

function send(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (cause) {
      if (codeOf(cause) !== 'EAGAIN') throw cause;
    }
  }
}

if (process.argv[2] === 'serve') {
  createInterface({ input: process.stdin }).on('line', (line) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is host-client.ts, compiled with it
    const { content, ...rest } = answer(JSON.parse(line) as HostRequest);
    const head: HostAnswer = { bytes: content.length, ...rest };
    send(Buffer.from(`${JSON.stringify(head)}\n`));
    send(content);
  });
}
