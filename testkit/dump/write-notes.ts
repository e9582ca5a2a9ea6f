/** One ELF note; its name and content padded to four bytes. */
export function note(name: string, type: number, content: Uint8Array): Uint8Array {
  const padded = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const header = Buffer.alloc(12);
  header.writeUInt32LE(name.length + 1, 0);
  header.writeUInt32LE(content.length, 4);
  header.writeUInt32LE(type, 8);
  return Buffer.concat([header, padded(Buffer.from(`${name}\0`, 'latin1')), padded(content)]);
}

/** VMCOREINFO as the kernel stores it. */
export const vmcoreinfoNote = (text: string): Uint8Array => note('VMCOREINFO', 0, Buffer.from(text, 'latin1'));

/** NT_PRSTATUS of a CPU; `registers` in the order of the machine's struct. */
export function prstatusNote(pid: number, registers: readonly bigint[]): Uint8Array {
  const content = Buffer.alloc(112 + registers.length * 8 + 8);
  content.writeInt32LE(pid, 32);
  registers.forEach((value, i) => content.writeBigUInt64LE(value, 112 + i * 8));
  return note('CORE', 1, content);
}

/** QEMU's own note of an x86-64 CPU, with its control registers and kernel_gs_base. */
export function qemuNote(control: readonly bigint[], kernelGsBase: bigint): Uint8Array {
  const content = Buffer.alloc(440);
  content.writeUInt32LE(1, 0);
  content.writeUInt32LE(440, 4);
  control.forEach((value, i) => content.writeBigUInt64LE(value, 392 + i * 8));
  content.writeBigUInt64LE(kernelGsBase, 432);
  return note('QEMU', 0, content);
}
