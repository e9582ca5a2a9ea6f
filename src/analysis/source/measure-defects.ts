import type { CUnit } from '../../model/source/c-unit.ts';
import type { SourceDefect } from '../../model/source/defect.ts';
import { isTaker } from './api/catalog.ts';
import { measureDroppedBuffers } from './dropped-buffers.ts';
import { measureLeftArmed } from './left-armed.ts';
import { measureLost } from './lost-resources.ts';
import { measureMemberPartners } from './member-partners.ts';
import { measureOpenRelease } from './open-release.ts';
import { measurePutAfterClose } from './put-after-close.ts';
import { readRoles } from './roles.ts';
import { measureSelfRealloc } from './self-realloc.ts';
import { UnitEffects } from './unit-effects.ts';

/** Everything that is wrong in a unit. */
export function measureDefects(unit: CUnit): readonly SourceDefect[] {
  const roleOf = readRoles(unit);
  const effects = new UnitEffects(unit, isTaker);
  return [
    ...measureOpenRelease(unit),
    ...measurePutAfterClose(unit, effects),
    ...measureLost(unit, effects, roleOf),
    ...measureMemberPartners(unit),
    ...measureSelfRealloc(unit, effects),
    ...measureDroppedBuffers(unit, effects, roleOf),
    ...measureLeftArmed(unit, roleOf),
  ];
}
