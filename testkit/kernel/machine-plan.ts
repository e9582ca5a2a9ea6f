import { arm64Shape, x86Shape, type TableShape } from './page-table-writer.ts';
import type { RamRange } from './sparse-memory.ts';

export interface MachineOptions {
  readonly machine?: 'x86-64' | 'aarch64';
  readonly release?: string;
  /** Bytes of RAM, from `ramStart` on. */
  readonly ramBytes?: number;
  readonly ramStart?: number;
  /** More RAM behind a hole. */
  readonly moreRam?: readonly RamRange[];
  /** Where the image lies; bytes from the start of RAM. */
  readonly imageAt?: number;
  /** How far KASLR moved the image, and the direct map. */
  readonly kaslr?: bigint;
  readonly directMapMoved?: bigint;
  readonly x86?: { readonly levels?: 4 | 5; readonly encryption?: bigint };
  readonly arm64?: Arm64Options;
  /** Bytes from the start of init_uts_ns to the name: 0, before 5.11 behind a reference count. */
  readonly utsNameAt?: number;
  /** Pages of the container, where they are not those of the kernel. */
  readonly framePageSize?: number;
}

export interface Arm64Options {
  readonly pageSize?: 4096 | 16384 | 65536;
  /** CONFIG_ARM64_VA_BITS. */
  readonly vaBits?: number;
  /** What the processor can do, where it is less. */
  readonly actualBits?: number;
  /** Before 5.4 (commit 14c127c957c1) the direct map filled the upper half. */
  readonly directMapAbove?: boolean;
}

/** Where everything is; virtual addresses as of the running kernel. */
export interface MachinePlan {
  readonly machine: 'x86-64' | 'aarch64';
  readonly release: string;
  readonly pageSize: number;
  readonly framePageSize: number;
  readonly ram: readonly RamRange[];
  readonly shape: TableShape;
  readonly imageVirtual: bigint;
  readonly imagePhysical: number;
  readonly kaslr: bigint;
  readonly directMap: bigint;
  /** The physical address that lies at the start of the direct map. */
  readonly directMapPhysical: number;
  readonly vmemmap: bigint;
  readonly bootAt: number;
  readonly bootEnd: number;
  /** Where slabs and other pages begin. */
  readonly pagesAt: number;
  readonly utsNameAt: number;
  /** NUMBER(…) lines of VMCOREINFO that arch code writes. */
  readonly numbers: Readonly<Record<string, bigint | string>>;
}

const MIB = 2 ** 20;
const X86_MAP = 0xffffffff80000000n;

export function planOf(options: MachineOptions): MachinePlan {
  return options.machine === 'aarch64' ? arm64Plan(options) : x86Plan(options);
}

/** The image at 8 MiB, boot memory behind it at 16 MiB, everything else from 32 MiB on. */
function placesOf(options: MachineOptions, ramStart: number) {
  const { ramBytes = 64 * MIB, imageAt = 8 * MIB, moreRam = [] } = options;
  return {
    ram: [{ start: ramStart, size: ramBytes }, ...moreRam],
    imagePhysical: ramStart + imageAt,
    bootAt: ramStart + 16 * MIB,
    bootEnd: ramStart + 32 * MIB,
    pagesAt: ramStart + 32 * MIB,
    release: options.release ?? '6.1.0-test',
    utsNameAt: options.utsNameAt ?? 0,
    kaslr: options.kaslr ?? 0n,
  };
}

function x86Plan(options: MachineOptions): MachinePlan {
  const { levels = 4, encryption = 0n } = options.x86 ?? {};
  const places = placesOf(options, options.ramStart ?? 0);
  const five = levels === 5;
  const moved = options.directMapMoved ?? 0n;
  const imageVirtual = X86_MAP + 0x1000000n + places.kaslr;
  return {
    ...places,
    machine: 'x86-64',
    pageSize: 4096,
    framePageSize: options.framePageSize ?? 4096,
    shape: x86Shape(levels, encryption),
    imageVirtual,
    directMap: (five ? 0xff11000000000000n : 0xffff888000000000n) + moved,
    directMapPhysical: 0,
    vmemmap: (five ? 0xffd4000000000000n : 0xffffea0000000000n) + moved,
    numbers: {
      phys_base: BigInt(places.imagePhysical) - (imageVirtual - X86_MAP),
      pgtable_l5_enabled: five ? 1n : 0n,
      KERNEL_IMAGE_SIZE: 1073741824n,
      sme_mask: encryption,
    },
  };
}

const above = (bits: number): bigint => 2n ** 64n - 2n ** BigInt(bits);
const hex = (n: bigint): string => `0x${BigInt.asUintN(64, n).toString(16)}`;

function arm64Plan(options: MachineOptions): MachinePlan {
  const { pageSize = 4096, vaBits = 48, directMapAbove = false } = options.arm64 ?? {};
  const actualBits = options.arm64?.actualBits ?? vaBits;
  const places = placesOf(options, options.ramStart ?? 0x40000000);
  const start = places.ram[0]?.start ?? 0;
  const least = Math.min(48, vaBits);
  // The image lies behind the modules, in the half that the direct map leaves.
  const imageVirtual = (directMapAbove ? above(least) : above(least - 1)) + 0x8000000n + places.kaslr;
  const moved = options.directMapMoved ?? 0n;
  const directMap = (directMapAbove ? above(vaBits - 1) : above(actualBits)) + moved;
  // PAGE_OFFSET is that of the configuration: with fewer bits PHYS_OFFSET makes up for it, and turns negative.
  const pageOffset = directMapAbove ? above(vaBits - 1) : above(vaBits);
  // 64 KiB pages have tables for all bits that are configured, LPA2 tables for those there are.
  const tableBits = pageSize === 65536 ? vaBits : actualBits;
  return {
    ...places,
    machine: 'aarch64',
    pageSize,
    framePageSize: options.framePageSize ?? pageSize,
    shape: arm64Shape(pageSize, tableBits),
    imageVirtual,
    directMap,
    directMapPhysical: start,
    vmemmap: above(least - 1) + 2n ** BigInt(least - 3),
    numbers: {
      VA_BITS: BigInt(vaBits),
      kimage_voffset: hex(imageVirtual - BigInt(places.imagePhysical)),
      PHYS_OFFSET: hex(pageOffset - (directMap - BigInt(start))),
      TCR_EL1_T1SZ: hex(BigInt(64 - actualBits)),
    },
  };
}
