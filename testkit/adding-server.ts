import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { parseDiagnosis } from '../src/report/read-diagnosis.ts';
import { startServer, type RunningServer, type ServerOptions } from '../src/server/start-server.ts';
import { ROOT } from './manifest.ts';
import { realDumps } from './real-dumps.ts';

/** Of /proc, while page blocks were lost. */
export const CAPTURE: string = join(ROOT, 'fixtures/captures/page-allocator-leak/end');
/** A bundled one. */
export const dump: string = realDumps().find(({ name }) => name === 'x86-64-slub')?.path ?? '';

let place = '';
let address = '';
let running: RunningServer | undefined;
export const folder = (): string => place;
export const url = (): string => address;

/** For each test a folder of its own; what is started ends with it. */
export function openPlace(): void {
  place = mkdtempSync(join(tmpdir(), 'kleak-adding-'));
  mkdirSync(srv());
}

export async function closePlace(): Promise<void> {
  await running?.close();
  running = undefined;
  rmSync(place, { recursive: true, force: true });
}

/** A folder of the server that may be offered. */
export const srv = (...parts: readonly string[]): string => join(place, 'srv', ...parts);
export const uploads = (): readonly string[] =>
  existsSync(join(place, 'data/uploads')) ? readdirSync(join(place, 'data/uploads')) : [];

export async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  await running?.close();
  running = await startServer({ address: '127.0.0.1', port: 0, data: join(place, 'data'), ...options });
  address = running.url;
}

export const get = async (path: string): Promise<string> => (await fetch(address + path)).text();

/** The page of a job once it is at its end. */
export async function jobPage(path: string): Promise<string> {
  for (;;) {
    const page = await get(path);
    if (!page.includes('<progress')) return page;
    await sleep(50);
  }
}

/** What is offered, by name: the keys. */
export async function offered(): Promise<ReadonlyMap<string, string>> {
  const page = await get('/add');
  const rows = [...page.matchAll(/name="file" value="([^"]+)" \/>\s*([^<]*?)\s*<\/label/g)];
  return new Map(rows.map(([, key = '', name = '']) => [name, key]));
}

export const choose = async (...keys: readonly string[]): Promise<Response> =>
  fetch(`${address}/files`, {
    method: 'POST',
    body: new URLSearchParams(keys.map((key): [string, string] => ['file', key])),
    redirect: 'manual',
  });

export async function diagnoseHere(...names: readonly string[]): Promise<string> {
  const items = await offered();
  const answer = await choose(...names.map((name) => items.get(name) ?? 'unknown'));
  expect(answer.status).toBe(303);
  return jobPage(answer.headers.get('location') ?? '');
}

export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function send(parts: readonly Part[]): Promise<Response> {
  const query = new URLSearchParams(
    parts.flatMap(({ name, bytes }): [string, string][] => [
      ['name', name],
      ['size', String(bytes.length)],
    ]),
  );
  return fetch(`${address}/api/v1/upload?${query.toString()}`, {
    method: 'POST',
    body: new Blob(parts.map(({ bytes }) => bytes)),
  });
}

export async function sendAndWait(parts: readonly Part[]): Promise<string> {
  const answer = await send(parts);
  const job: unknown = await answer.json();
  return jobPage(`/jobs/${typeof job === 'object' && job !== null && 'job' in job ? String(job.job) : ''}`);
}

export const proc = (name: string, as: string = name): Part => ({
  name: as,
  bytes: new Uint8Array(readFileSync(join(CAPTURE, name))),
});

export async function document(id: number): Promise<string> {
  return get(`/api/v1/documents/${id}`);
}

export async function inputs(id: number): Promise<readonly { readonly kind: string; readonly file: string }[]> {
  return parseDiagnosis(await document(id)).inputs;
}

/** What is not kept is removed once the answer is given. */
export const untilGone = async (): Promise<void> => expect.poll(uploads, { timeout: 10_000 }).toEqual([]);
