import type { PhysicalMemory } from './physical-memory.ts';
import type { TableFormat } from './translation.ts';

/** Which entries of a root table are followed: on x86-64 the lower half is a process's, the upper half the kernel's. */
export type RootPart = 'whole' | 'lower half' | 'upper half';

/**
 * Finds the pages that page tables lie in, without looking into the tables of the last level. `mayBeTable` is asked for each
 * before it is looked into, so that a damaged entry leads no further than a page that could be one; it is told whether the
 * page is a root, which need not have a page to itself. Each table is visited once, however many roots share it.
 */
export class TablePages {
  readonly #physical: PhysicalMemory;
  readonly #format: TableFormat;
  readonly #mayBeTable: (physical: number, isRoot: boolean) => boolean;
  readonly #seen = new Set<number>();

  constructor(
    physical: PhysicalMemory,
    format: TableFormat,
    mayBeTable: (physical: number, isRoot: boolean) => boolean,
  ) {
    this.#physical = physical;
    this.#format = format;
    this.#mayBeTable = mayBeTable;
  }

  /** Walks what hangs on a root table. */
  walk(root: number, part: RootPart): void {
    if (this.#seen.has(root) || !this.#mayBeTable(root, true)) return;
    this.#seen.add(root);
    const { levels, addressBits, pageShift, bitsPerLevel } = this.#format;
    const width = 2 ** (addressBits - pageShift - (levels - 1) * bitsPerLevel);
    const from = part === 'upper half' ? width / 2 : 0;
    const to = part === 'lower half' ? width / 2 : width;
    this.#descend(root, levels - 1, from, to);
  }

  #descend(table: number, level: number, from: number, to: number): void {
    const bytes = new Uint8Array((to - from) * 8);
    if (this.#physical.read(table + from * 8, bytes).length > 0) return;
    const entries = new Uint32Array(bytes.buffer);
    for (let i = 0; i < entries.length; i += 2) {
      const [low, high] = [entries[i] ?? 0, entries[i + 1] ?? 0];
      const entry = low === 0 && high === 0 ? undefined : this.#format.decode(low, high, level);
      if (!entry || entry.leaf) continue;
      const next = entry.physical;
      if (this.#seen.has(next) || !this.#mayBeTable(next, false)) continue;
      this.#seen.add(next);
      if (level > 1) this.#descend(next, level - 1, 0, 2 ** this.#format.bitsPerLevel);
    }
  }
}
