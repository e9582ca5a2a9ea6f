import type { SourceRule } from './source-rule.ts';
import { cacheNotDestroyed } from './source/cache-not-destroyed.ts';
import { droppedBuffer } from './source/dropped-buffer.ts';
import { forgottenMember } from './source/forgotten-member.ts';
import { iteratorLeft } from './source/iterator-left.ts';
import { leftArmed } from './source/left-armed.ts';
import { lostAllocation, lostReference } from './source/lost-resource.ts';
import { neverFreed } from './source/never-freed.ts';
import { openRelease } from './source/open-release.ts';
import { putAfterClose } from './source/put-after-close.ts';
import { selfRealloc } from './source/self-realloc.ts';
import { wrongFree } from './source/wrong-free.ts';

/** Every rule about source, those that ask for more before those that would take what they want. One not listed does not run. */
export const sourceRules: readonly SourceRule[] = [
  openRelease,
  putAfterClose,
  iteratorLeft,
  lostReference,
  lostAllocation,
  wrongFree,
  selfRealloc,
  cacheNotDestroyed,
  neverFreed,
  forgottenMember,
  droppedBuffer,
  leftArmed,
];
