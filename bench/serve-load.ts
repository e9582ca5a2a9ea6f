/** Hosts that push and people that read, for bench/serve.ts. */
import { Agent, request, type RequestOptions } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PushedSample } from '../src/sources/store/pushed-sample.ts';
import { seededRandom, type Random } from '../testkit/seeded-random.ts';

/** Milliseconds from one sample of a host to the next. */
const EVERY = 10_000;
/** Milliseconds for one request. */
const PATIENCE = 10_000;
/** Samples of one push, as `kleak record --push` sends them. */
const BATCH = 300;
/** What a host of a hundred caches sends. */
const CACHES = 100;
const GIB = 2 ** 30;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** One request from an address of its own on loopback: the server counts requests by address. Undefined where nothing answered. */
export function ask(url: string, options: RequestOptions, body?: string): Promise<Answer | undefined> {
  const started = performance.now();
  return new Promise((resolve) => {
    const fail = (): void => resolve(undefined);
    const sent = request(url, { ...options, signal: AbortSignal.timeout(PATIENCE) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('error', fail);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, milliseconds: performance.now() - started }),
      );
    });
    sent.once('error', fail);
    sent.end(body);
  });
}

/** `127.x.y.z` of a number. */
const addressOf = (number: number): string => `127.1.${number >> 8}.${((number % 256) % 254) + 1}`;

export interface Pushes {
  /** `host at` of every sample that was answered with `kept`. */
  readonly kept: string[];
  /** Milliseconds of every push that was. */
  readonly took: number[];
  failed: number;
}

/** A host: a sample every ten seconds, kept until the server has it. */
export async function pushFor(url: string, number: number, until: number, pushes: Pushes): Promise<void> {
  const random = seededRandom(number + 1);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const host = `host-${number}`;
  let waiting: PushedSample[] = [];
  await sleep(random() * EVERY);
  for (let turn = 0; Date.now() < until; turn++) {
    const started = Date.now();
    waiting.push(sampleOf(random, started, turn));
    const batch = waiting.slice(0, BATCH);
    const document = { schema: 'kleak.push/1', host, attributes: { kernel: '6.1.0-18', role: 'web' }, samples: batch };
    const options = { method: 'POST', agent, localAddress: addressOf(number) };
    const answer = await ask(`${url}/api/v1/push`, options, JSON.stringify(document));
    if (answer?.status === 200) {
      for (const { at } of batch) pushes.kept.push(`${host} ${at}`);
      waiting = waiting.slice(batch.length);
      pushes.took.push(answer.milliseconds);
    } else pushes.failed++;
    await sleep(Math.max(0, EVERY - (Date.now() - started)));
  }
  agent.destroy();
}

export function sampleOf(random: Random, at: number, turn: number): PushedSample {
  const noise = (bytes: number): number => Math.round(bytes * (0.98 + 0.04 * random()));
  return {
    at,
    boot: 'a5f1b0f2-6d0e-4f0e-8a57-6b1f7a0f0c11',
    totalBytes: 64 * GIB,
    unexplained: noise(GIB) + turn * 2 ** 20,
    buckets: Object.fromEntries(BUCKETS.map((name, i) => [name, noise(((i + 1) * GIB) / 4)])),
    caches: Array.from({ length: CACHES }, (_, i) => ({ name: `cache-of-slab-${i}`, bytes: noise((i + 1) * 2 ** 18) })),
  };
}

const BUCKETS = [
  'free',
  'page-cache',
  'anonymous',
  'slab-reclaimable',
  'slab-unreclaimable',
  'vmalloc',
  'page-tables',
  'kernel-stack',
  'percpu',
  'shmem',
];

/** By the kind of page: milliseconds until the last byte. */
export type Reads = Map<string, number[]>;
export interface Reading {
  readonly took: Reads;
  unanswered: number;
  readonly refused: Map<number, number>;
}

/** Somebody who reads: a page, some seconds, another page. Each holds one live update open, as the fleet's page does. */
export async function readFor(
  url: string,
  number: number,
  hosts: number,
  until: number,
  reading: Reading,
): Promise<void> {
  const random = seededRandom(1000 + number);
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  const options = { agent, localAddress: addressOf(60_000 + number) };
  const any = (): number => Math.floor(random() * hosts);
  await sleep(random() * 3000);
  while (Date.now() < until) {
    const live = new AbortController();
    followLive(url, options, live.signal);
    for (let pages = 0; pages < 20 && Date.now() < until; pages++) {
      const [kind, path] = pickPage(random(), any);
      const answer = await ask(url + path, options);
      if (!answer) reading.unanswered++;
      else if (answer.status !== 200) reading.refused.set(answer.status, (reading.refused.get(answer.status) ?? 0) + 1);
      else reading.took.set(kind, [...(reading.took.get(kind) ?? []), answer.milliseconds]);
      await sleep(500 + random() * 4000);
    }
    live.abort();
  }
  agent.destroy();
}

function pickPage(draw: number, any: () => number): readonly [kind: string, path: string] {
  if (draw < 0.35) return ['hosts', '/'];
  if (draw < 0.7) return ['host', `/host/host-${any()}`];
  if (draw < 0.8) return ['compare', `/compare?a=host-${any()}&b=host-${any()}`];
  if (draw < 0.9) return ['known', '/known?q=i40e'];
  return ['documents', '/documents'];
}

function followLive(url: string, options: RequestOptions, signal: AbortSignal): void {
  const sent = request(`${url}/api/v1/live`, { ...options, signal }, (response) => {
    response.on('error', () => undefined).resume();
  });
  sent.on('error', () => undefined).end();
}
