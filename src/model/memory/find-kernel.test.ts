import { describe, expect, it } from 'vitest';
import type { Arm64Options, MachineOptions } from '../../../testkit/kernel/machine-plan.ts';
import { changed, claimsOf, noteOf } from '../../../testkit/kernel/machine-note.ts';
import { Machine } from '../../../testkit/kernel/machine.ts';
import { findKernel, type DumpClaims } from './find-kernel.ts';

const MIB = 2 ** 20;

/** A machine and what its VMCOREINFO says. */
interface Built {
  readonly machine: Machine;
  readonly note: string;
}

function build(options: MachineOptions = {}, ...changes: readonly (readonly [key: string, value?: string])[]): Built {
  const machine = new Machine(options);
  return { machine, note: changes.reduce((note, [key, value]) => changed(note, key, value), noteOf(machine)) };
}

const find = ({ machine, note }: Built, claims: Partial<DumpClaims> = {}): ReturnType<typeof findKernel> =>
  findKernel({ ...claimsOf(machine, note), ...claims });

const physBase = ({ machine }: Built): bigint => BigInt(machine.plan.numbers['phys_base'] ?? 0);

/** What has to come out: where the image lies, where RAM is mapped, and that a variable reads right through both. */
function expectFound(built: Built, claims: Partial<DumpClaims> = {}): readonly string[] {
  const { plan, symbols } = built.machine;
  const found = find(built, claims);
  expect(found?.machine).toBe(plan.machine);
  expect(found && plan.imageVirtual + found.imageDelta).toBe(BigInt(plan.imagePhysical));
  expect(found?.directMap && found.directMap.virtual - BigInt(found.directMap.physical)).toBe(
    plan.directMap - BigInt(plan.directMapPhysical),
  );
  const uts = (symbols.get('init_uts_ns') ?? 0n) + BigInt(plan.utsNameAt);
  expect(found?.memory.string(uts)).toBe('Linux');
  expect(found?.memory.string(built.machine.virtual(built.machine.physicalOf(uts)))).toBe('Linux');
  return (found?.problems ?? []).map(({ problem }) => problem);
}

const X86: readonly (readonly [string, MachineOptions])[] = [
  ['four levels', {}],
  ['four levels, image and memory moved by KASLR', { kaslr: 0x31400000n, directMapMoved: 0x123400000000n }],
  ['five levels', { x86: { levels: 5 } }],
  ['five levels, moved by KASLR', { x86: { levels: 5 }, kaslr: 0x2000000n, directMapMoved: 0x20a2dd80000000n }],
  ['encrypted memory (SME), whose mark stands in every entry', { x86: { encryption: 1n << 47n } }],
  ['encrypted memory with the mark at bit 51', { x86: { levels: 5, encryption: 1n << 51n } }],
  ['an image loaded high', { ramBytes: 512 * MIB, imageAt: 384 * MIB, kaslr: 0x1e00000n }],
  ['RAM of which the first gigabytes are one block', { ramBytes: 4096 * MIB }],
  ['a hole in RAM', { moreRam: [{ start: 4096 * MIB, size: 64 * MIB }] }],
  ['a uts_namespace that begins with a reference count (before 5.11)', { utsNameAt: 4 }],
];

describe('a kernel of x86-64', () => {
  it.each(X86)('is found with %s', (_, options) => {
    expect(expectFound(build(options))).toEqual([]);
  });

  it('is found where the header is wrong as QEMU 7.2 writes it: the decimal of VMCOREINFO read as hexadecimal', () => {
    const built = build({ kaslr: 0x31400000n });
    expect(expectFound(built, { claimedPhysBase: -BigInt(`0x${-physBase(built)}`) })).toEqual([]);
  });

  it('is found where VMCOREINFO is wrong and the header is right', () => {
    const built = build({ kaslr: 0x31400000n }, ['NUMBER(phys_base)', '-727711744']);
    const problems = expectFound(built, { claimedPhysBase: physBase(built) });
    expect(problems).toEqual([
      'what VMCOREINFO or the header says of where the kernel lies is wrong; another claim fits',
    ]);
  });

  it('is found by the header alone, written as 64 bits without a sign', () => {
    const built = build({ kaslr: 0x31400000n }, ['NUMBER(phys_base)']);
    expect(expectFound(built, { claimedPhysBase: BigInt.asUintN(64, physBase(built)) })).toEqual([]);
  });

  it('is found by the segments of an ELF core alone', () => {
    const built = build({ kaslr: 0x31400000n }, ['NUMBER(phys_base)']);
    const { plan } = built.machine;
    const image = { virtual: plan.imageVirtual, physical: plan.imagePhysical, size: 4 * MIB };
    const direct = { virtual: plan.directMap, physical: 0, size: 64 * MIB };
    expect(expectFound(built, { segments: [direct, image] })).toEqual([]);
  });

  it.each(X86.filter(([name]) => !name.includes('encrypt')))(
    'is searched for where no claim is right: %s',
    (_, options) => {
      const problems = expectFound(build(options, ['NUMBER(phys_base)', '123456789']), { claimedPhysBase: 0x7000n });
      expect(problems).toEqual(['no claim of the dump about where its kernel lies holds; it was found by searching']);
    },
  );

  it.each([4, 5] as const)('is found with %i levels although VMCOREINFO says otherwise', (levels) => {
    const key = 'NUMBER(pgtable_l5_enabled)';
    expect(expectFound(build({ x86: { levels } }, [key, levels === 5 ? '0' : '1']))).toEqual([]);
    expect(expectFound(build({ x86: { levels } }, [key]))).toEqual([]);
  });

  it('is taken for x86-64 where the container does not name its machine', () => {
    expect(expectFound(build(), { machine: 'unknown' })).toEqual([]);
  });

  it('has modules where the tables say, behind a small image of a kernel that does not tell its size', () => {
    const built = build({}, ['NUMBER(KERNEL_IMAGE_SIZE)']);
    const at = built.machine.allocate(4096, 4096);
    built.machine.tables.map(0xffffffffa0000000n, at, 4096);
    built.machine.writeText(built.machine.virtual(at), 'a module');
    expect(find(built)?.memory.string(0xffffffffa0000000n)).toBe('a module');
  });
});

const ARM64: readonly (readonly [name: string, arm64: Arm64Options, more: MachineOptions])[] = [
  ['4 KiB pages, 39 bits', { vaBits: 39 }, {}],
  ['4 KiB pages, 48 bits', { vaBits: 48 }, {}],
  ['4 KiB pages, 52 bits (LPA2)', { vaBits: 52 }, {}],
  ['4 KiB pages, 52 bits on a machine that has 48', { vaBits: 52, actualBits: 48 }, {}],
  ['16 KiB pages, 36 bits', { pageSize: 16384, vaBits: 36 }, {}],
  ['16 KiB pages, 47 bits', { pageSize: 16384, vaBits: 47 }, {}],
  ['16 KiB pages, 48 bits', { pageSize: 16384, vaBits: 48 }, {}],
  ['16 KiB pages, 52 bits (LPA2)', { pageSize: 16384, vaBits: 52 }, {}],
  ['64 KiB pages, 42 bits', { pageSize: 65536, vaBits: 42 }, {}],
  ['64 KiB pages, 48 bits', { pageSize: 65536, vaBits: 48 }, {}],
  ['64 KiB pages, 52 bits', { pageSize: 65536, vaBits: 52 }, {}],
  ['64 KiB pages, 52 bits on a machine that has 48', { pageSize: 65536, vaBits: 52, actualBits: 48 }, {}],
  ['the direct map above the image (before 5.4)', { vaBits: 48, directMapAbove: true }, {}],
  ['the direct map above the image, 64 KiB pages', { pageSize: 65536, vaBits: 48, directMapAbove: true }, {}],
  ['KASLR of the image', { vaBits: 48 }, { kaslr: 0x2f03400000n }],
  ['KASLR of the direct map, which turns PHYS_OFFSET negative', { vaBits: 48 }, { directMapMoved: 0x40000000000n }],
  ['a dump in pages of 4 KiB of a kernel with 64 KiB', { pageSize: 65536, vaBits: 48 }, { framePageSize: 4096 }],
  ['RAM that begins high', { vaBits: 48 }, { ramStart: 0x8000000000 }],
  ['RAM beyond 48 bits of physical address', { pageSize: 65536, vaBits: 52 }, { ramStart: 2 ** 48 }],
  ['RAM beyond 48 bits of physical address (LPA2)', { vaBits: 52 }, { ramStart: 2 ** 50 + 2 ** 32 }],
];

describe('a kernel of arm64', () => {
  it.each(ARM64)('is found with %s', (_, arm64, more) => {
    const built = build({ machine: 'aarch64', arm64, ...more });
    expect(expectFound(built)).toEqual([]);
    expect(expectFound(built, { machine: 'unknown' })).toEqual([]);
  });

  it.each(ARM64.filter(([name]) => !/high|beyond/.test(name)))(
    'is searched for where no claim is right: %s',
    (_, arm64, more) => {
      const options: MachineOptions = { machine: 'aarch64', arm64, ...more };
      expect(expectFound(build(options, ['NUMBER(kimage_voffset)', '0xffffffeecb200000']))).toHaveLength(1);
    },
  );

  it('is found by the segments of an ELF core alone', () => {
    const built = build({ machine: 'aarch64' }, ['NUMBER(kimage_voffset)']);
    const { plan } = built.machine;
    const image = { virtual: plan.imageVirtual, physical: plan.imagePhysical, size: 4 * MIB };
    expect(expectFound(built, { segments: [image] })).toEqual([]);
  });
});

describe('no kernel', () => {
  it.each([
    ['VMCOREINFO names no root of the page tables', ['SYMBOL(swapper_pg_dir)', 'SYMBOL(init_top_pgt)']],
    ['VMCOREINFO does not say where the text begins', ['SYMBOL(_stext)']],
    ['VMCOREINFO does not say where the name of the kernel stands', ['SYMBOL(init_uts_ns)']],
  ])('is found where %s', (_, keys) => {
    expect(find(build({}, ...keys.map((key) => [key] as const)))).toBeUndefined();
  });

  it('is found where the memory is that of another kernel', () => {
    expect(find(build({}, ['OSRELEASE', '6.1.1-other']))).toBeUndefined();
  });

  it('is found where the page tables map the text elsewhere', () => {
    const built = build();
    const { plan, tables } = built.machine;
    tables.map(plan.imageVirtual, plan.imagePhysical + 4 * MIB, 2 * MIB);
    expect(find(built)).toBeUndefined();
  });

  it.each(['excluded', 'lost'] as const)('is found where the root of the page tables is %s', (state) => {
    const built = build();
    const { physical, symbols } = built.machine;
    physical.take(built.machine.imagePhysical(symbols.get('swapper_pg_dir') ?? 0n), 4096, state);
    expect(find(built)).toBeUndefined();
  });

  it.each(
    ['init_top_pgt', '_stext', 'init_uts_ns'].flatMap((symbol) =>
      ['0', '1', '7fffffffffffffff', 'ffffffffffffffff'].map((value) => [symbol, value] as const),
    ),
  )('is found where VMCOREINFO has %s at %s', (symbol, value) => {
    expect(find(build({}, [`SYMBOL(${symbol})`, value]))).toBeUndefined();
  });

  it('is found where the note is empty or the machine is none that is read', () => {
    expect(find({ ...build(), note: '' })).toBeUndefined();
    expect(find(build(), { machine: 'aarch64' })).toBeUndefined();
    expect(find(build({ machine: 'aarch64' }), { machine: 'x86-64' })).toBeUndefined();
  });
});

describe('a kernel', () => {
  it.each(['0', '-1', '64', '35', '9223372036854775807'])(
    'of arm64 is found although VMCOREINFO says that addresses have %s bits',
    (bits) => {
      const wrong = [['NUMBER(VA_BITS)', bits] as const, ['NUMBER(TCR_EL1_T1SZ)', bits] as const];
      expect(expectFound(build({ machine: 'aarch64' }, ...wrong))).toEqual([]);
    },
  );

  it.each(['-9223372036854775808', '9223372036854775807', '99999999999999999999'])(
    'is found although VMCOREINFO has phys_base at %s',
    (value) => {
      expect(expectFound(build({}, ['NUMBER(phys_base)', value]))).toHaveLength(1);
    },
  );

  it('has no direct map where VMCOREINFO says that RAM begins elsewhere', () => {
    const built = build({ machine: 'aarch64' }, ['NUMBER(PHYS_OFFSET)', '0x123000000']);
    expect(find(built)?.directMap).toBeUndefined();
  });

  it('has its direct map where damaged tables map something below it', () => {
    const built = build();
    const { tables } = built.machine;
    tables.map(0xffff800000000000n, 0x5000, 4096);
    tables.map(0xffff800040000000n, 0x200000, 2 * MIB);
    expect(expectFound(built)).toEqual([]);
  });

  it('has its direct map where the table that maps the image there is lost', () => {
    const built = build({ ramBytes: 3072 * MIB, imageAt: 2048 * MIB });
    const { machine } = built;
    for (let at = 0; at < 2048 * MIB; at += 32 * MIB) machine.physical.write(at, new Uint8Array(1).fill(1));
    const alias = machine.virtual(machine.plan.imagePhysical);
    machine.physical.poke(machine.tables.entryOf(alias, 2), 8, 0);
    expect(find(built)?.directMap?.virtual).toBe(machine.plan.directMap);
  });

  it('is found in a table that leads back to itself, in no time', () => {
    const built = build();
    const { machine } = built;
    const root = machine.imagePhysical(machine.symbols.get('swapper_pg_dir') ?? 0n);
    // Every entry of the upper half but that of the image.
    for (let i = 256; i < 511; i++) machine.physical.poke(root + i * 8, 8, machine.tables.shape.table(root));
    const start = performance.now();
    expect(find(built)?.memory.string(machine.symbols.get('init_uts_ns') ?? 0n)).toBe('Linux');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
