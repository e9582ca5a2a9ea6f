import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One name in /sys/kernel/slab that links to the cache it was merged into. */
export interface SlabLink {
  readonly name: string;
  /** `:A-0000192`: names with one target are one cache. */
  readonly target: string;
  /** Letters of the target: `a` reclaimable, `A` charged to memory cgroups, `d` DMA, `D` DMA32, `F` checked. */
  readonly flags: string;
  readonly at: Provenance;
}

/** Columns of `ls -l` (mode, links, owner, group, size, date), or the folder that `find` prints. */
const LINK =
  /^\s*(?:l[rwx-]{9}\S{0,1} [^>]{0,120} )?(?:\/sys\/kernel\/slab\/|\.\/)?(\S{1,100})\s+->\s+(?:\/sys\/kernel\/slab\/|\.\/)?(:([A-Za-z]*)-?\d{7})\s*$/;
const BEGINS = / -> (?:\/sys\/kernel\/slab\/|\.\/)?:[A-Za-z]*-?\d{7}\s*$/;
/** Caches that were not merged are folders of their own; so are the targets. */
const FOLDER = /^(?:d[rwx-]{9}\S?\s.{1,200}|total \d+)$/;
const MERGED_FOLDER = /^d[rwx-]{9}\S?\s.{1,120} :[A-Za-z]*-?\d{7}\s*$/;

/**
 * A listing of `/sys/kernel/slab`: `ls -l`, or `name -> :0000048` alone.
 *
 * Links are made by mm/slub.c, sysfs_slab_alias(), targets named by create_unique_id(); SLUB only.
 */
export const slabLinks: TextFormat<'slab-links', readonly SlabLink[]> = {
  kind: 'slab-links',
  looksFor: 'lines such as "dio -> :0000640", as ls -l /sys/kernel/slab has them',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!BEGINS.test(first) && !MERGED_FOLDER.test(first)) return 0;
    return runOf(lines, at, (text) => BEGINS.test(text) || FOLDER.test(text), 1);
  },

  parse(lines, file): Parsed<readonly SlabLink[]> {
    const links: SlabLink[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, name, target = '', flags = ''] = LINK.exec(text) ?? [];
      if (name !== undefined) links.push({ name, target, flags, at });
      else if (text.trim() !== '' && !FOLDER.test(text)) problems.push({ problem: 'slab-links: unreadable line', at });
    }
    return { value: links, problems };
  },
};
