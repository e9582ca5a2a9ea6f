import type { Ledger } from '../pipeline/serve/ledger.ts';
import type { StoreTrouble } from './store-trouble.ts';

/** Milliseconds from one round of thinning to the next, and from one part of it to the next: pages go between. */
const EVERY = 3_600_000;
const PAUSE = 200;

/** Thins and deletes what is old, now and then, while the clock can be believed. Gives what ends it. */
export function tidyNowAndThen(ledger: Ledger, trouble: StoreTrouble, tell: (line: string) => void): () => void {
  const jump = watchClock();
  let timer = setTimeout(round, EVERY).unref();
  let doubted = false;
  function round(): void {
    trouble.attempt(() => {
      const doubt = ledger.doubtClock(Date.now(), jump());
      if (doubt && !doubted)
        tell('this clock and those of the hosts are more than a day apart: nothing is deleted till then');
      doubted = doubt;
    });
    if (doubted) timer = setTimeout(round, EVERY).unref();
    else turn();
  }
  function turn(): void {
    let more = false;
    const isUsable = trouble.attempt(() => {
      more = ledger.tidy(Date.now());
    });
    timer = (more && isUsable ? setTimeout(turn, PAUSE) : setTimeout(round, EVERY)).unref();
  }
  return () => clearTimeout(timer);
}

/** By how many milliseconds the clock was set since, whatever time passed. */
function watchClock(): () => number {
  const offset = (): number => Date.now() - performance.now();
  const first = offset();
  return () => Math.abs(offset() - first);
}
