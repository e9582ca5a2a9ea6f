import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One cache of the SPL. */
export interface SplCache {
  readonly name: string;
  /**
   * Memory of its own slabs, which are vmalloc areas and in no slabinfo. Absent where the cache stands on one of the
   * kernel's own (`-` in the table): slabinfo has that memory.
   */
  readonly size?: Bytes;
  /** Bytes of its objects in use. */
  readonly allocated: Bytes;
  readonly objectSize: Bytes;
  /** Objects in use. */
  readonly objects?: number;
  readonly at: Provenance;
}

const BANNER = /^\s*-+ cache -+\s+-+ slab -+\s+-+ object -+\s+-+ emergency -+\s*$/;
const TITLES = /^\s*name\s+flags\s+size\s+alloc\s+slabsize\s+objsize\s+total\s+alloc\s+max\s+total\s+alloc\s+max/;
/** name flags | size alloc slabsize objsize | slabs: total alloc max | objects: total alloc max | dlock alloc max */
const ROW = /^\s*(\S+)\s+0x[0-9a-f]{5,8}((?:\s+(?:\d+|-)){5,13})\s*$/;
const BEGINS = /^\s*\S+\s+0x[0-9a-f]{5,8}\s+(?:\d+|-)\s+\d+\s+(?:\d+|-)\s+\d+(?:\s|$)/;
const COLUMNS = 13;

/**
 * `/proc/spl/kmem/slab`: the slab caches of the Solaris Porting Layer, which ZFS uses beside the kernel's own.
 *
 * Written by OpenZFS module/os/linux/spl/spl-proc.c, slab_seq_show() (before 0.8 the spl project).
 */
export const splSlab: TextFormat<'spl-slab', readonly SplCache[]> = {
  kind: 'spl-slab',
  looksFor: 'the header "--- cache --- … --- slab --- … --- object --- … --- emergency ---"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const head = BANNER.test(first) ? 1 : TITLES.test(first) || ROW.test(first) ? 0 : -1;
    if (head < 0) return 0;
    return head + runOf(lines, at + head, (text) => TITLES.test(text) || BEGINS.test(text), 1);
  },

  parse(lines, file): Parsed<readonly SplCache[]> {
    const caches: SplCache[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      if (text.trim() === '' || BANNER.test(text) || TITLES.test(text)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const cache = readRow(text, at);
      if (cache) caches.push(cache);
      if (!cache || columnsOf(text).length < COLUMNS)
        problems.push({ problem: 'spl-slab: a row is cut or unreadable', at });
    }
    return { value: caches, problems };
  },
};

const columnsOf = (text: string): readonly string[] => (ROW.exec(text)?.[2] ?? '').trim().split(/\s+/);

function readRow(text: string, at: Provenance): SplCache | undefined {
  const name = ROW.exec(text)?.[1];
  const columns = columnsOf(text);
  const [size, allocated, , objectSize] = columns;
  // The last column of a row that was cut may have lost digits.
  const objects = columns.length > 9 ? columns[8] : '-';
  const numbers = [size, allocated, objectSize, objects].filter((column) => column !== '-').map(Number);
  if (name === undefined || !numbers.every(isQuantity) || allocated === '-' || objectSize === '-') return undefined;
  return {
    name,
    ...(size === '-' ? {} : { size: bytes(Number(size)) }),
    allocated: bytes(Number(allocated)),
    objectSize: bytes(Number(objectSize)),
    ...(objects === '-' ? {} : { objects: Number(objects) }),
    at,
  };
}
