/** A database as `kleak serve` has it after days of pushes, for bench/serve.ts. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { ServerStore } from '../src/sources/store/server-store.ts';
import { sampleOf } from './serve-load.ts';
import { seededRandom } from '../testkit/seeded-random.ts';

const DAY = 86_400_000;

/** Writes what `hosts` pushed in the last `days`; tells how many samples. */
export function fillStore(file: string, hosts: number, days: number, step = 60_000): number {
  const store = new ServerStore(file);
  const now = Date.now();
  let written = 0;
  for (let host = 0; host < hosts; host++) {
    const random = seededRandom(host + 1);
    const samples = Array.from({ length: Math.floor((days * DAY) / step) }, (_, i) =>
      sampleOf(random, now - days * DAY + i * step, i - (days * DAY) / step),
    );
    store.push(`host-${host}`, { kernel: '6.1.0-18', role: 'web' }, samples, [], now);
    written += samples.length;
  }
  store.close();
  // What is still to be written would be waited for by the first push.
  const opened = openSync(file, 'r+');
  fsyncSync(opened);
  closeSync(opened);
  return written;
}
