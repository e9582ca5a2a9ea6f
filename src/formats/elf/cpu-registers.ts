import { EM_AARCH64, EM_X86_64 } from './header.ts';
import type { ElfNote } from './notes.ts';

/** Registers of one CPU as the crash saved them (NT_PRSTATUS), by the kernel's names: rip, rsp …, pc, sp … */
export interface CpuRegisters {
  readonly cpu: number;
  readonly pid: number;
  readonly registers: Readonly<Record<string, bigint>>;
}

const NT_PRSTATUS = 1;
/** In struct elf_prstatus of 64-bit kernels (include/linux/elfcore.h). */
const PID_AT = 32;
const REGISTERS_AT = 112;

/** struct pt_regs, as arch/x86/include/uapi/asm/ptrace.h and user_regs_struct order it. */
const X86_64 =
  'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs';
/** struct user_pt_regs of arm64. */
const AARCH64 = `${Array.from({ length: 31 }, (_, i) => `x${i}`).join(' ')} sp pc pstate`;

const NAMES: Readonly<Record<number, readonly string[]>> = {
  [EM_X86_64]: X86_64.split(' '),
  [EM_AARCH64]: AARCH64.split(' '),
};

/** Registers in the notes of a dump; CPUs are numbered in the order of their notes. */
export function readCpuRegisters(notes: readonly ElfNote[], machine: number): readonly CpuRegisters[] {
  const names = NAMES[machine];
  if (names === undefined) return [];
  return notes
    .filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS)
    .flatMap(({ content }, cpu) => {
      if (content.length < REGISTERS_AT + names.length * 8) return [];
      const view = new DataView(content.buffer, content.byteOffset, content.length);
      const registers = Object.fromEntries(
        names.map((name, i) => [name, view.getBigUint64(REGISTERS_AT + i * 8, true)]),
      );
      return [{ cpu, pid: view.getInt32(PID_AT, true), registers }];
    });
}
