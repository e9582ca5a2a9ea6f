/** Measures trends of hosts in a process of its own: see host-trends.ts, which starts it. */
import { deflateRawSync } from 'node:zlib';
import { openLedger } from '../pipeline/serve/ledger.ts';
import { trendOfPushed } from '../pipeline/serve/host-trend.ts';
import type { TrendWord } from './host-trends.ts';

/** Samples that a trend is made of, and events beside them. */
const MOST_SAMPLES = 300;
const MOST_EVENTS = 200;

const ledger = openLedger(process.argv[2] ?? '');

process.on('message', (host: string) => {
  const trend = trendOfPushed(host, ledger.samples(host, MOST_SAMPLES), ledger.events(host, MOST_EVENTS));
  const word: TrendWord = { host, ...(trend ? { trend: deflateRawSync(JSON.stringify(trend)) } : {}) };
  process.send?.(word);
});
