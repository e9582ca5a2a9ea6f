import { CParser } from '../../sources/c/c-parser.ts';
import { lintWithWorkers } from '../workers/lint-with-workers.ts';
import { readUnit, type UnitResult } from './read-unit.ts';

/** Reads unit after unit; results are in the order of the units, whoever read them. `order`: which to begin with. */
export async function readUnits(
  units: readonly (readonly string[])[],
  order: readonly number[],
  jobs: number,
  done: (unit: number) => void,
): Promise<readonly UnitResult[]> {
  if (jobs > 1 && units.length > 1) return lintWithWorkers(units, order, jobs, done);
  const parser = await CParser.open();
  const results: UnitResult[] = [];
  for (const [i, unit] of units.entries()) {
    results.push(readUnit(unit, (text) => parser.parse(text)));
    done(i);
    // Lets the terminal draw, and Ctrl-C be heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
  parser.close();
  return results;
}
