import { LayoutError } from '../layouts/layout-error.ts';
import type { LogSource } from './kernel-log.ts';

/** VMCOREINFO has what the log needs, for readers that have nothing else; the tables and types of the kernel have it too. */
export const symbolAddress = ({ info, symbols }: LogSource, name: string): bigint | undefined =>
  info.symbols.get(name) ?? symbols.find(name);

/** In bytes. Throws LayoutError where neither VMCOREINFO nor the types have it. */
export function fieldOffset({ info, layouts }: LogSource, struct: string, member: string): number {
  const offset = info.offsets.get(`${struct}.${member}`) ?? layouts.member(struct, member)?.offset;
  if (offset === undefined) throw new LayoutError(`neither VMCOREINFO nor the types have ${struct}.${member}`);
  return offset;
}

/** In bytes. Throws LayoutError where neither VMCOREINFO nor the types have it. */
export function sizeOfStruct({ info, layouts }: LogSource, struct: string): number {
  const size = info.sizes.get(struct) ?? layouts.sizeOf(struct);
  if (size === undefined) throw new LayoutError(`neither VMCOREINFO nor the types have the size of ${struct}`);
  return size;
}

/** To the microsecond below, as printk shows nanoseconds. */
export const toSeconds = (nanoseconds: bigint): number => Number(nanoseconds / 1000n) / 1e6;
