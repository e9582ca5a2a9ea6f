import type { KernelMemory } from '../../src/model/memory/kernel-memory.ts';
import { MemoryFault } from '../../src/model/memory/memory-fault.ts';
import type { PhysicalMemory } from '../../src/model/memory/physical-memory.ts';

const nowhere: PhysicalMemory = {
  pageSize: 4096,
  endFrame: 0,
  state: () => 'absent',
  page: () => undefined,
  read: (_, target) => [{ offset: 0, length: target.length, state: 'absent' }],
  counts: () => ({ present: 0, zero: 0, excluded: 0, lost: 0 }),
};

/** Kernel memory that is one stretch of bytes at an address; `lost` addresses have none. */
export function flatMemory(
  base: bigint,
  bytes: Uint8Array,
  lost: readonly (readonly [bigint, number])[] = [],
): KernelMemory {
  const tryRead = (address: bigint, length: number): Uint8Array | undefined => {
    const offset = Number(address - base);
    if (offset < 0 || offset + length > bytes.length) return undefined;
    if (lost.some(([from, size]) => address < from + BigInt(size) && from < address + BigInt(length))) return undefined;
    return bytes.slice(offset, offset + length);
  };
  const read = (address: bigint, length: number): Uint8Array => {
    const found = tryRead(address, length);
    if (found === undefined) throw new MemoryFault(address, 'excluded');
    return found;
  };
  const view = (address: bigint, length: number): DataView => new DataView(read(address, length).buffer);
  return {
    physical: nowhere,
    pageSize: 4096,
    translate: () => undefined,
    read,
    tryRead,
    u8: (address) => view(address, 1).getUint8(0),
    u16: (address) => view(address, 2).getUint16(0, true),
    u32: (address) => view(address, 4).getUint32(0, true),
    i32: (address) => view(address, 4).getInt32(0, true),
    u64: (address) => view(address, 8).getBigUint64(0, true),
    string(address, most = 256) {
      let text = '';
      for (let at = address; text.length < most; at++) {
        const byte = read(at, 1)[0] ?? 0;
        if (byte === 0) break;
        text += String.fromCharCode(byte);
      }
      return text;
    },
  };
}
