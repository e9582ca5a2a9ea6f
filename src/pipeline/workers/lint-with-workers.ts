import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { moduleBeside } from '../../base/module-beside.ts';
import type { UnitResult } from '../lint/read-unit.ts';

const script: string = fileURLToPath(moduleBeside(import.meta.url, './lint-worker'));

/**
 * Has units read by threads, the largest first, so that none is left alone with a large one at the end. A thread that dies
 * takes only its unit with it, which is listed as unread; another one goes on in its place.
 */
export async function lintWithWorkers(
  units: readonly (readonly string[])[],
  order: readonly number[],
  jobs: number,
  done: (unit: number) => void,
): Promise<readonly UnitResult[]> {
  const results: (UnitResult | undefined)[] = units.map(() => undefined);
  const left = [...order];
  await Promise.all(
    Array.from({ length: Math.min(jobs, units.length) }, async () => {
      while (left.length > 0) await serve(units, left, results, done);
    }),
  );
  return results.map((result, unit) => result ?? lostUnit(units[unit] ?? [], 'was not read'));
}

/** One thread, until nothing is left or it dies. */
async function serve(
  units: readonly (readonly string[])[],
  left: number[],
  results: (UnitResult | undefined)[],
  done: (unit: number) => void,
): Promise<void> {
  const thread = new Worker(script);
  let current: number | undefined;
  await new Promise<void>((resolve) => {
    const next = (): void => {
      current = left.shift();
      if (current === undefined) resolve();
      else thread.postMessage(units[current]);
    };
    const die = (why: string): void => {
      // One that dies before it was given anything would die again: it takes the next unit with it.
      const unit = current ?? left.shift();
      current = undefined;
      if (unit !== undefined) {
        results[unit] = lostUnit(units[unit] ?? [], why);
        done(unit);
      }
      resolve();
    };
    thread.on('message', (message: unknown) => {
      if (current !== undefined && isResult(message)) {
        results[current] = message;
        done(current);
      }
      next();
    });
    thread.on('error', (cause: unknown) =>
      die(`reading it failed: ${cause instanceof Error ? cause.message : String(cause)}`),
    );
    thread.on('exit', () => die('the thread that read it ended'));
  });
  thread.removeAllListeners();
  await thread.terminate();
}

const isResult = (value: unknown): value is UnitResult =>
  typeof value === 'object' && value !== null && 'defects' in value && 'unread' in value;

/** A unit of which nothing is known. */
export const lostUnit = (paths: readonly string[], why: string): UnitResult => ({
  defects: [],
  unread: paths.map((what) => ({ what, why })),
  files: 0,
  bytes: 0,
  lines: 0,
  functions: 0,
});
