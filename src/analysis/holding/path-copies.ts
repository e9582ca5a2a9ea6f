import type { WordFacts } from '../typing/word-facts.ts';

/** Of the objects that were read. */
const LEAST_SHARE = 0.9;

/** Where in objects a struct path stands (include/linux/path.h): a struct vfsmount, then a dentry. */
export interface PathPlace {
  readonly offset: number;
}

/** `mounts`, `dentries`: caches by number; `anchor`: mount.mnt, in bytes, which users of a mount point to. */
export function pathCopies(
  words: readonly WordFacts[],
  mounts: number,
  dentries: number,
  anchor: number,
): PathPlace | undefined {
  const leads = (word: WordFacts | undefined, cache: number, offset: number): boolean =>
    word?.facts.some(
      ({ seen, share }) =>
        share >= LEAST_SHARE && seen.kind === 'object' && seen.cache === cache && seen.offset === offset,
    ) ?? false;
  const at = words.findIndex((word, i) => leads(word, mounts, anchor) && leads(words[i + 1], dentries, 0));
  return at < 0 ? undefined : { offset: at * 8 };
}
