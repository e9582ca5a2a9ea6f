import { EM_AARCH64, EM_X86_64 } from '../../formats/elf/header.ts';

/** The code of ELF for a machine that a kdump has by name, by what VMCOREINFO lists, or by the size of its registers. */
export function machineCode(uname: string | undefined, vmcoreinfo: string | undefined): number | undefined {
  if (uname === 'x86_64') return EM_X86_64;
  if (uname === 'aarch64') return EM_AARCH64;
  // Written by arch_crash_save_vmcoreinfo() of each architecture.
  if (/^NUMBER\((?:kimage_voffset|VA_BITS)\)=/m.test(vmcoreinfo ?? '')) return EM_AARCH64;
  if (/^(?:NUMBER\(phys_base\)|SYMBOL\(init_(?:top_pgt|level4_pgt)\))=/m.test(vmcoreinfo ?? '')) return EM_X86_64;
  return undefined;
}

export const machineName = (code: number | undefined): 'x86-64' | 'aarch64' | 'unknown' =>
  code === EM_X86_64 ? 'x86-64' : code === EM_AARCH64 ? 'aarch64' : 'unknown';
