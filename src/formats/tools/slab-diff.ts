import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';

/** How far caches grew between two slabinfos, in bytes, as a script prints it. Negative where one shrank. */
export interface SlabDiff {
  readonly rows: readonly { readonly name: string; readonly growth: number; readonly at: Provenance }[];
}

const ROW = /^\s*([A-Za-z][\w.-]{1,60}(?:\([\w:]{1,40}\))?)\s*:\s*([+-]?\d{1,15})(?:\s?(?:bytes|B))?\s*$/;
/** Families of names that nothing but slab caches have. */
const FAMILY =
  /^(?:(?:size|kmalloc(?:-cg|-rcl|-dma|-rnd-\d\d)?|dma-kmalloc)-\d+[kKM]?(?:\(DMA\))?|\w+_cachep?|\w+_inode(?:_cache)?|dentry(?:_cache)?|filp|buffer_head|radix_tree_node|xa_node|vm_area_struct|anon_vma(?:_chain)?|skbuff_\w+|sock_\w+|task_struct|mm_struct|cred_jar|TCPv?6?|UDPv?6?|bio-\d+|biovec-\d+|nf_conntrack\w*|kernfs_\w+|\w+_slab)$/;
const FEWEST = 3;

/**
 * Lines `name: bytes` as small scripts print the difference of two slabinfos. Claimed only where three in a row carry
 * names of slab caches.
 */
export const slabDiff: TextFormat<'slab-diff', SlabDiff> = {
  kind: 'slab-diff',
  looksFor: 'at least three lines "CACHE: BYTES" with names of slab caches, as scripts print differences',
  many: false,

  claim(lines, at) {
    for (let i = at; i < at + FEWEST; i++) {
      const name = ROW.exec(lines[i]?.text ?? '')?.[1];
      if (name === undefined || !FAMILY.test(name)) return 0;
    }
    let end = at + FEWEST;
    while (end < lines.length && ROW.test(lines[end]?.text ?? '') && !/^\s*(?:Mem|Swap)/.test(lines[end]?.text ?? ''))
      end++;
    return end - at;
  },

  parse(lines, file): Parsed<SlabDiff> {
    const rows = lines.flatMap(({ text, number }) => {
      const [, name, digits] = ROW.exec(text) ?? [];
      return name === undefined
        ? []
        : [{ name, growth: Number(digits), at: { kind: 'line', file, line: number } as const }];
    });
    return { value: { rows }, problems: [] };
  },
};
