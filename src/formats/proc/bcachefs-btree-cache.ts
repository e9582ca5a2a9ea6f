import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** Btree nodes that a bcachefs file system keeps in memory. Sizes are as printed: three digits or so, not exact. */
export interface BcachefsBtreeCache {
  /** By state: `live`, `pinned`, `reserve`, `freed`; `dirty` is a part of the live ones. */
  readonly states: ReadonlyMap<string, { readonly bytes: Bytes; readonly nodes: number }>;
  readonly at: Provenance;
}

const STATE =
  /^\s*(live|pinned|reserve|freed|dirty):\s+(\d{1,12}(?:\.\d{1,6})?)\s?([kKMGTPE]?)(?:iB|B)?\s+\((\d{1,15})\)\s*$/;
const OTHER = /^\s*(?:[a-z][a-z_ ]{1,40}:(?:\s|$)|not freed|counters since mount)/;
const POWER: Readonly<Record<string, number>> = { '': 0, k: 1, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/**
 * `internal/btree_cache` of a mounted bcachefs (/sys/fs/bcachefs/UUID/internal).
 *
 * Written by fs/bcachefs/btree_cache.c, bch2_btree_cache_to_text(), in the form of newer releases.
 */
export const bcachefsBtreeCache: TextFormat<'bcachefs-btree-cache', BcachefsBtreeCache> = {
  kind: 'bcachefs-btree-cache',
  looksFor: 'lines such as "live: 27.1G (111075)" and "pinned: 0 (0)"',
  many: true,

  claim(lines, at) {
    if (STATE.exec(lines[at]?.text ?? '')?.[1] !== 'live') return 0;
    const states = runOf(lines, at, (text) => STATE.test(text));
    // The counters by tree and by reason that follow are no more than forty lines.
    const rest = runOf(
      lines.slice(at + states, at + states + 60),
      0,
      (text) => OTHER.test(text) && !STATE.test(text),
      1,
    );
    return states + (states > 2 ? rest : 0);
  },

  parse(lines, file): Parsed<BcachefsBtreeCache> {
    const at: Provenance = { kind: 'line', file, line: lines[0]?.number ?? 1 };
    const states = new Map<string, { bytes: Bytes; nodes: number }>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const [, state, size, unit = '', nodes] = STATE.exec(text) ?? [];
      const held = Math.round(Number(size) * 1024 ** (POWER[unit] ?? 0));
      if (state !== undefined && isQuantity(held)) states.set(state, { bytes: bytes(held), nodes: Number(nodes) });
      else if (state !== undefined || /^\s*(?:live|pinned|reserve):/.test(text))
        problems.push({ problem: 'bcachefs-btree-cache: unreadable line', at: { kind: 'line', file, line: number } });
    }
    if (states.size === 0) throw new FormatError('bcachefs-btree-cache', 'no size could be read', at);
    return { value: { states, at }, problems };
  },
};
