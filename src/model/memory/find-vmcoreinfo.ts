import { VMCOREINFO_START } from '../../formats/vmcoreinfo.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** The kernel keeps the note on pages of its own; a smaller page than any machine has is the step. */
const STEP = 4096;
/** It is one page long, in the newest kernels more. */
const LONGEST = 65_536;

/**
 * The text of VMCOREINFO out of memory, for containers that do not carry it (QEMU without its vmcoreinfo device, sadump,
 * virsh): the kernel keeps it from boot on, at the start of a page. Reads every page of the dump; undefined where none
 * begins so.
 */
export function findVmcoreinfo(physical: PhysicalMemory): string | undefined {
  const start = Uint8Array.from(VMCOREINFO_START, (c) => c.codePointAt(0) ?? 0);
  for (let frame = 0; frame < physical.endFrame; frame++) {
    const page = physical.state(frame) === 'present' ? physical.page(frame) : undefined;
    for (let at = 0; page && at < page.length; at += STEP) {
      if (page[at] !== start[0] || !start.every((byte, i) => page[at + i] === byte)) continue;
      const text = textAt(physical, frame * physical.pageSize + at);
      if (text.includes('\nSYMBOL(_stext)=')) return text;
    }
  }
  return undefined;
}

function textAt(physical: PhysicalMemory, address: number): string {
  const bytes = new Uint8Array(LONGEST);
  const [gap] = physical.read(address, bytes);
  const end = bytes.indexOf(0);
  return new TextDecoder('latin1').decode(bytes.subarray(0, Math.min(gap?.offset ?? LONGEST, end < 0 ? LONGEST : end)));
}
