import type { Problem } from '../../base/errors.ts';
import type { CpuRegisters } from '../../formats/elf/cpu-registers.ts';
import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';

/** A stretch of memory that the container places at a virtual address (PT_LOAD of an ELF core). */
export interface VirtualSegment {
  readonly virtual: bigint;
  readonly physical: number;
  readonly size: number;
}

/** An open crash dump: a container, its memory, and what its headers claim. Nothing here is trusted before it is checked. */
export interface Dump {
  /** The files it is made of, as they can be opened. */
  readonly files: readonly string[];
  /** The same, as people call them. */
  readonly names: readonly string[];
  /** For people: `kdump version 6, zlib, flattened`, `ELF core`. */
  readonly container: string;
  readonly machine: 'x86-64' | 'aarch64' | 'unknown';
  readonly physical: PhysicalMemory;
  /** The text of VMCOREINFO, where there is one. */
  readonly vmcoreinfo?: string;
  /** Fields of the header's struct new_utsname, where filled in: release, version, machine, nodename. */
  readonly utsname?: Readonly<Record<string, string>>;
  /** phys_base as the header claims it; QEMU 7.2 writes a wrong one. */
  readonly claimedPhysBase?: bigint;
  readonly segments: readonly VirtualSegment[];
  readonly cpus: readonly CpuRegisters[];
  /** What is damaged or missing and was worked around. */
  readonly problems: readonly Problem[];
  close(): void;
}
