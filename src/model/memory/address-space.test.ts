import { describe, expect, it } from 'vitest';
import { Machine } from '../../../testkit/kernel/machine.ts';
import { SparseMemory } from '../../../testkit/kernel/sparse-memory.ts';
import { AddressSpace, LONGEST_READ } from './address-space.ts';
import { MemoryFault } from './memory-fault.ts';
import { PageTables, type Translation } from './translation.ts';
import { x86Tables } from './x86-64.ts';

const VMALLOC = 0xffffc90000000000n;
const bytesOf = (length: number, seed = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + seed) % 251);

interface Built {
  readonly machine: Machine;
  readonly physical: SparseMemory;
  readonly space: AddressSpace;
  /** Writes to vmalloc space. */
  readonly write: (at: bigint, bytes: Uint8Array) => void;
  /** Where the pages of vmalloc space lie. */
  readonly first: number;
}

/** A machine with its direct map as arithmetic, and eight pages of vmalloc space that lie in reverse order. */
function build(framePageSize = 4096): Built {
  const machine = new Machine({ framePageSize });
  const { plan, physical, tables } = machine;
  const first = machine.allocate(8 * 4096, 4096);
  for (let i = 0; i < 8; i++) tables.map(VMALLOC + BigInt(i * 4096), first + (7 - i) * 4096, 4096);
  const root = machine.imagePhysical(machine.symbols.get('swapper_pg_dir') ?? 0n);
  const direct = { virtual: plan.directMap, physical: 0, size: 2n ** 26n };
  const space = new AddressSpace(physical, 4096, new PageTables(physical, root, x86Tables(4)), [direct]);
  const write = (at: bigint, bytes: Uint8Array): void => {
    for (const [i, byte] of bytes.entries()) {
      const offset = Number(at - VMALLOC) + i;
      physical.poke(first + (7 - Math.floor(offset / 4096)) * 4096 + (offset % 4096), 1, byte);
    }
  };
  return { machine, physical, space, write, first };
}

const faultOf = (read: () => unknown): MemoryFault => {
  try {
    read();
  } catch (cause) {
    if (cause instanceof MemoryFault) return cause;
  }
  throw new Error('no fault');
};

describe('the kernel’s view of memory', () => {
  it('reads over pages that lie apart in physical memory', () => {
    const { space, write } = build();
    const bytes = bytesOf(20_000);
    write(VMALLOC + 4000n, bytes);
    expect(space.read(VMALLOC + 4000n, 20_000)).toEqual(bytes);
    expect(space.tryRead(VMALLOC + 4000n, 20_000)).toEqual(bytes);
  });

  it('reads numbers that lie across two pages', () => {
    const { space, write } = build();
    write(VMALLOC + 4092n, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 0x88]));
    expect(space.u64(VMALLOC + 4092n)).toBe(0x8807060504030201n);
    expect(space.u32(VMALLOC + 4094n)).toBe(0x06050403);
    expect(space.u16(VMALLOC + 4095n)).toBe(0x0504);
    expect(space.u8(VMALLOC + 4099n)).toBe(0x88);
    write(VMALLOC + 8190n, Uint8Array.from([0xfe, 0xff, 0xff, 0xff]));
    expect(space.i32(VMALLOC + 8190n)).toBe(-2);
  });

  it('reads texts up to their end, or as far as is asked', () => {
    const { space, write } = build();
    write(VMALLOC + 4090n, Buffer.from('kmalloc-64\0more'));
    expect(space.string(VMALLOC + 4090n)).toBe('kmalloc-64');
    expect(space.string(VMALLOC + 4090n, 7)).toBe('kmalloc');
  });

  it('reads the direct map by arithmetic, whatever the size of a page of the dump', () => {
    for (const framePageSize of [4096, 65_536]) {
      const { machine, space } = build(framePageSize);
      const at = machine.allocate(40_000);
      machine.physical.write(at, bytesOf(40_000));
      expect(space.read(machine.virtual(at) + 5n, 39_000)).toEqual(bytesOf(40_000).subarray(5, 39_005));
      expect(space.u64(machine.virtual(at))).toBe(new DataView(bytesOf(8).buffer).getBigUint64(0, true));
    }
  });

  it('names the address that has no bytes, and why', () => {
    const { space, physical, first } = build();
    physical.take(first + 5 * 4096, 1, 'excluded');
    physical.take(first + 2 * 4096, 1, 'lost');
    expect(faultOf(() => space.read(VMALLOC + 100n, 12_000))).toMatchObject({
      address: VMALLOC + 8192n,
      because: 'excluded',
    });
    expect(faultOf(() => space.u64(VMALLOC + 5n * 4096n - 4n))).toMatchObject({
      address: VMALLOC + 5n * 4096n,
      because: 'lost',
    });
    expect(faultOf(() => space.read(VMALLOC + 8n * 4096n - 1n, 2))).toMatchObject({
      address: VMALLOC + 8n * 4096n,
      because: 'unmapped',
    });
    expect(faultOf(() => space.u8(0n)).message).toBe('0000000000000000 is not mapped');
    expect(faultOf(() => space.string(VMALLOC + 2n * 4096n)).because).toBe('excluded');
    expect(space.tryRead(VMALLOC, 8 * 4096)).toBeUndefined();
  });

  it('reads what there is and lists the gaps, whether unmapped or not in the dump', () => {
    const { space, physical, first, write } = build();
    write(VMALLOC, bytesOf(8 * 4096));
    physical.take(first + 5 * 4096, 1);
    physical.take(first + 4 * 4096, 1);
    const target = new Uint8Array(10 * 4096).fill(0xaa);
    const gaps = space.readAvailable(VMALLOC, target);
    expect(gaps).toEqual([
      { offset: 2 * 4096, length: 2 * 4096 },
      { offset: 8 * 4096, length: 2 * 4096 },
    ]);
    const whole = bytesOf(8 * 4096);
    expect(target.subarray(0, 8192)).toEqual(whole.subarray(0, 8192));
    expect(target.subarray(8192, 16_384)).toEqual(new Uint8Array(8192));
    expect(target.subarray(16_384, 32_768)).toEqual(whole.subarray(16_384));
    expect(target.subarray(32_768)).toEqual(new Uint8Array(8192));
  });

  it('ends at the end of addresses and at the end of the direct map', () => {
    const { machine, space } = build();
    expect(space.tryRead(2n ** 64n - 4n, 8)).toBeUndefined();
    expect(space.tryRead(machine.virtual(2 ** 26 - 4), 8)).toBeUndefined();
    expect(space.readAvailable(machine.virtual(2 ** 26 - 8), new Uint8Array(16))).toEqual([{ offset: 8, length: 8 }]);
    expect(space.translate(-1n)).toBeUndefined();
    expect(space.tryRead(-8n, 4)).toBeUndefined();
  });

  it('takes no damaged length for a reason to fill memory', () => {
    const { space, machine } = build();
    expect(() => space.read(machine.plan.directMap, LONGEST_READ + 1)).toThrow(RangeError);
  });

  it('remembers translations, but not without bound', () => {
    const physical = new SparseMemory([{ start: 0, size: 4096 }]);
    physical.poke(0, 1, 1);
    let asked = 0;
    const known = new PageTables(physical, 0, x86Tables(4));
    const tables: Translation = {
      root: known.root,
      format: known.format,
      tables: known.tables,
      mappings: (from, to) => known.mappings(from, to),
      translate() {
        asked++;
        return 0;
      },
    };
    const space = new AddressSpace(physical, 4096, tables, []);
    for (let round = 0; round < 2; round++) for (let i = 0; i < 1000; i++) space.u8(BigInt(i) << 12n);
    expect(asked).toBe(1000);
    for (let i = 0; i < 100_000; i++) space.u8(BigInt(i) << 12n);
    expect(asked).toBeGreaterThan(99_000);
  });
});
