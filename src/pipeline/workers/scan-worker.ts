/** Scans ranges of frames in a thread of its own: see scan-with-workers.ts, which starts it and takes what it found. */
import { workerData } from 'node:worker_threads';
import { scanFrames } from '../../analysis/reachability/build-graph.ts';
import { openDump } from '../../sources/vmcore/open-dump.ts';
import { nextRange, replyOf, spaceOf, STATE, type ScanOrder } from './scan-order.ts';

const order: unknown = workerData;
if (isOrder(order)) {
  try {
    scan(order);
  } catch {
    // Whatever it was, the thread that waits scans these ranges itself, and says what is wrong with them.
  } finally {
    Atomics.store(order.state, STATE.ended + order.worker, 1);
    Atomics.notify(order.state, STATE.ended + order.worker);
  }
}

/** What turns out damaged is to be told by the dump that the user has opened: then nothing is sent. */
function scan(given: ScanOrder): void {
  const dump = openDump(given.files);
  const known = JSON.stringify(dump.problems);
  const part = scanFrames(dump.physical, spaceOf(given), given.frames, given.bounds, () => nextRange(given.state));
  if (JSON.stringify(dump.problems) === known) given.port.postMessage(...replyOf(part));
  dump.close();
}

function isOrder(value: unknown): value is ScanOrder {
  return typeof value === 'object' && value !== null && 'files' in value && 'state' in value && 'port' in value;
}
