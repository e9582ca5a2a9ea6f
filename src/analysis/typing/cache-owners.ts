import type { Kernel } from '../../model/kernel/kernel.ts';
import { kernelModules } from '../../model/kernel/modules.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import type { ModuleExtent } from '../../model/symbols/symbol-table.ts';
import { isShared } from '../clustering/word-codes.ts';

/** Who made a slab cache. */
export interface CacheOwner {
  readonly module: string;
  /** Its variable that holds the cache. */
  readonly variable?: string;
}

/** Caches that modules made for themselves: variables of theirs point to the cache. By number; shared caches are of nobody. */
export function cacheOwners(kernel: Kernel, caches: readonly KmemCache[]): ReadonlyMap<number, CacheOwner> {
  const wanted = new Map(caches.flatMap(({ address, name }, i) => (isShared(name) ? [] : [[address, i] as const])));
  const owners = new Map<number, CacheOwner>();
  for (const { name: module, extents } of kernelModules(kernel).value) {
    for (const { address, value } of extents.flatMap((extent) => [...pointersIn(kernel, extent)])) {
      const cache = wanted.get(value);
      if (cache === undefined || owners.has(cache)) continue;
      const variable = kernel.symbols.at(address)?.name;
      owners.set(cache, { module, ...(variable === undefined ? {} : { variable }) });
    }
  }
  return owners;
}

/** Words of a module that may be addresses of the kernel. */
function* pointersIn(
  { memory }: Kernel,
  { start, size }: ModuleExtent,
): Generator<{ readonly address: bigint; readonly value: bigint }> {
  const bytes = memory.tryRead(start, size) ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; at += 8)
    if (view.getUint32(at + 4, true) >= 0xff000000)
      yield { address: start + BigInt(at), value: view.getBigUint64(at, true) };
}
