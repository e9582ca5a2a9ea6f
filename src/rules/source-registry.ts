import type { SourceRule } from './source-rule.ts';
import { openRelease } from './source/open-release.ts';

/** Every rule about source. A rule that is not listed does not run. */
export const sourceRules: readonly SourceRule[] = [openRelease];
