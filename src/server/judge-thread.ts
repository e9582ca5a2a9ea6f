/** Judges hosts in a thread of its own: see judge.ts, which starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { judgeSamples, openLedger } from '../pipeline/serve/ledger.ts';
import type { Judged } from './judge.ts';

/** Samples that a judgement is made of. */
const MOST = 300;

const ledger = openLedger(String(workerData));

parentPort?.on('message', (host: unknown) => {
  if (typeof host !== 'string') return;
  const judgement = judgeSamples(ledger.samples(host, MOST, { caches: false }));
  const judged: Judged = { host, judgement };
  parentPort?.postMessage(judged);
});
