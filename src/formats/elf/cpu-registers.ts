import { EM_AARCH64, EM_X86_64 } from './header.ts';
import type { ElfNote } from './notes.ts';

/** Registers of one CPU as the crash saved them (NT_PRSTATUS), by the kernel's names: rip, rsp …, pc, sp … */
export interface CpuRegisters {
  /** Place among the notes: CPUs that saved nothing may be left out. */
  readonly cpu: number;
  readonly pid: number;
  readonly registers: Readonly<Record<string, bigint>>;
}

const NT_PRSTATUS = 1;
/** In struct elf_prstatus of 64-bit kernels (include/linux/elfcore.h). */
const PID_AT = 32;
const REGISTERS_AT = 112;

/** struct user_regs_struct of x86-64, in its order. */
const X86_64 =
  'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs';
/** struct user_pt_regs of arm64. */
const AARCH64 = `${Array.from({ length: 31 }, (_, i) => `x${i}`).join(' ')} sp pc pstate`;

const NAMES: Readonly<Record<number, readonly string[]>> = {
  [EM_X86_64]: X86_64.split(' '),
  [EM_AARCH64]: AARCH64.split(' '),
};

/** QEMUCPUState of x86-64 (target/i386/arch_dump.c): its size, and where the control registers begin. */
const QEMU_BYTES = 440;
const QEMU_CONTROL_AT = 392;
const QEMU_CONTROL = ['cr0', 'cr1', 'cr2', 'cr3', 'cr4', 'kernel_gs_base'] as const;

/** Registers in the notes of a dump; where QEMU wrote it, also the control registers. */
export function readCpuRegisters(notes: readonly ElfNote[], machine: number): readonly CpuRegisters[] {
  const names = NAMES[machine];
  if (names === undefined) return [];
  const qemu = notes.filter(({ name }) => name === 'QEMU');
  return notes
    .filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS)
    .flatMap(({ content }, cpu) => {
      if (content.length < REGISTERS_AT + names.length * 8) return [];
      const registers = { ...wordsAt(content, REGISTERS_AT, names), ...controlRegisters(qemu[cpu], machine) };
      const pid = new DataView(content.buffer, content.byteOffset).getInt32(PID_AT, true);
      return [{ cpu, pid, registers }];
    });
}

function controlRegisters(note: ElfNote | undefined, machine: number): Readonly<Record<string, bigint>> {
  if (machine !== EM_X86_64 || note?.content.length !== QEMU_BYTES) return {};
  const { cr1: _, ...registers } = wordsAt(note.content, QEMU_CONTROL_AT, QEMU_CONTROL);
  return registers;
}

function wordsAt(content: Uint8Array, at: number, names: readonly string[]): Readonly<Record<string, bigint>> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  return Object.fromEntries(names.map((name, i) => [name, view.getBigUint64(at + i * 8, true)]));
}
