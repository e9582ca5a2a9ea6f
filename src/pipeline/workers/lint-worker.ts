/** Reads units of C in a thread of its own: see lint-with-workers.ts, which starts it and takes what it found. */
import { parentPort } from 'node:worker_threads';
import { CParser } from '../../sources/c/c-parser.ts';
import { readUnit } from '../lint/read-unit.ts';

const parser = await CParser.open();

parentPort?.on('message', (order: unknown) => {
  if (!isPaths(order)) return;
  parentPort?.postMessage(readUnit(order, (text) => parser.parse(text)));
});
parentPort?.postMessage('ready');

function isPaths(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
