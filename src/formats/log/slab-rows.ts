import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity } from '../../base/units.ts';
import { readSize } from './human-size.ts';
import type { MemInfoReport } from './kernel-event.ts';

type SlabRow = MemInfoReport['caches'][number];

/** `kmalloc-2048           59164KB      59164KB` */
const KB_ROW = /\s(\d{1,12})KB\s+(\d{1,12})KB\s*$/;
/** `kmalloc-512       total: 56.7 MB active: 56.7 MB` */
const HUMAN_ROW = /\stotal:\s*([\d.]{1,12} ?[kKMGTP]?i?B?)\s+active:\s*([\d.]{1,12} ?[kKMGTP]?i?B?)\s*$/;
const NAME = /^[A-Za-z_][^\s=|]*(?: [^\s=|]+){0,3}$/;

/**
 * A row of "Unreclaimable slab info:". Written by mm/slab_common.c dump_unreclaimable_slab() since 4.15, in KB with
 * columns Used and Total; bcachefs's trees write rounded sizes with their names instead.
 */
export function readSlabRow(text: string, at: Provenance): SlabRow | undefined {
  const human = HUMAN_ROW.exec(text);
  const row = human ?? KB_ROW.exec(text);
  if (!row) return undefined;
  const name = text.slice(0, row.index).trim();
  const used = human ? readSize(row[2] ?? '') : Number(row[1]) * 1024;
  const total = human ? readSize(row[1] ?? '') : Number(row[2]) * 1024;
  if (!NAME.test(name) || used === undefined || total === undefined) return undefined;
  return isQuantity(used) && isQuantity(total) ? { name, used: bytes(used), total: bytes(total), at } : undefined;
}
