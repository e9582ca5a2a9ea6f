import { CParser } from '../../sources/c/c-parser.ts';
import { readUnit, type UnitResult } from './read-unit.ts';

/** Reads unit after unit; results are in the order of the units, whoever read them. */
export async function readUnits(
  units: readonly (readonly string[])[],
  jobs: number,
  done: (unit: number) => void,
): Promise<readonly UnitResult[]> {
  void jobs;
  const parser = await CParser.open();
  const results: UnitResult[] = [];
  for (const [i, unit] of units.entries()) {
    results.push(readUnit(unit, (text) => parser.parse(text)));
    done(i);
    await new Promise((resolve) => setImmediate(resolve));
  }
  parser.close();
  return results;
}
