import type { SourceRule } from './source-rule.ts';
import { lostAllocation, lostReference } from './source/lost-resource.ts';
import { openRelease } from './source/open-release.ts';
import { wrongFree } from './source/wrong-free.ts';

/** Every rule about source. A rule that is not listed does not run. */
export const sourceRules: readonly SourceRule[] = [openRelease, lostAllocation, lostReference, wrongFree];
