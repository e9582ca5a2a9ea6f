import type { CUnit } from '../../model/source/c-unit.ts';
import type { SourceDefect } from '../../model/source/defect.ts';
import { isTaker } from './api/catalog.ts';
import { measureDroppedBuffers } from './dropped-buffers.ts';
import { measureForgottenCalls } from './forgotten-calls.ts';
import { measureLeftArmed } from './left-armed.ts';
import { measureLost } from './lost-resources.ts';
import { measureMemberPartners } from './member-partners.ts';
import { measurePairedCalls } from './paired-calls.ts';
import { measureOpenRelease } from './open-release.ts';
import { measurePutAfterClose } from './put-after-close.ts';
import { readRoles } from './roles.ts';
import { measureSelfRealloc } from './self-realloc.ts';
import { UnitEffects } from './unit-effects.ts';

/** Everything that is wrong in a unit. */
export function measureDefects(unit: CUnit): readonly SourceDefect[] {
  const roleOf = readRoles(unit);
  const effects = new UnitEffects(unit, isTaker);
  const lost = measureLost(unit, effects, roleOf);
  const paired = measurePairedCalls(unit, effects).filter((one) => !lost.some((other) => isSamePlace(one, other)));
  return [
    ...measureOpenRelease(unit),
    ...measurePutAfterClose(unit, effects),
    ...lost,
    ...paired,
    ...measureForgottenCalls(unit, effects),
    ...measureMemberPartners(unit),
    ...measureSelfRealloc(unit, effects),
    ...measureDroppedBuffers(unit, effects, roleOf),
    ...measureLeftArmed(unit, roleOf),
  ];
}

const isSamePlace = (a: SourceDefect, b: SourceDefect): boolean =>
  a.file === b.file && a.line === b.line && a.function === b.function;
