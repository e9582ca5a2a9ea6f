import type { CUnit } from '../../model/source/c-unit.ts';
import type { SourceDefect } from '../../model/source/defect.ts';
import { measureLost } from './lost-resources.ts';
import { measureOpenRelease } from './open-release.ts';
import { readRoles } from './roles.ts';

/** Everything that is wrong in a unit, in the order of files. */
export function measureDefects(unit: CUnit): readonly SourceDefect[] {
  return [...measureOpenRelease(unit), ...measureLost(unit, readRoles(unit))];
}
