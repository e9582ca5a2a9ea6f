import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { openInput } from '../src/sources/open.ts';
import type { OpenOptions, Unread } from '../src/sources/source-file.ts';

/** A folder for this test file, removed when it is done. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder and gives the folder. */
export function writeTree(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export interface ReadFile {
  readonly path: string;
  readonly name: string;
  readonly text: string;
  readonly modified?: number;
}

/** Everything an input holds. */
export async function readInput(
  input: string,
  options: OpenOptions = {},
): Promise<{ readonly files: readonly ReadFile[]; readonly unread: readonly Unread[] }> {
  const unread: Unread[] = [];
  const files: ReadFile[] = [];
  for await (const file of openInput(input, options, (u) => unread.push(u))) {
    const { path, name, modified } = file;
    files.push({ path, name, text: await textOf(file.text()), ...(modified === undefined ? {} : { modified }) });
  }
  return { files, unread };
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** Bytes as a stream of chunks of one size. */
export async function* inChunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Whether a command of the system is there; tests that make containers with it are skipped where it is not. */
export const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

/** Runs a command of the system, bytes in and bytes out. */
export function runTool(
  command: string,
  args: readonly string[],
  input: Uint8Array = Buffer.alloc(0),
  cwd?: string,
): Buffer {
  const { stdout, status, stderr } = spawnSync(command, args, {
    input,
    maxBuffer: 2 ** 30,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
  return stdout;
}
