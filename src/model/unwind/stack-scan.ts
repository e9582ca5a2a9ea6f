import type { Kernel } from '../kernel/kernel.ts';
import { isText } from '../symbols/symbol-table.ts';
import { MOST_FRAMES, type Frame } from './frame.ts';

/** Longest instruction before a return address that is looked at. */
const CALL_BYTES = 7;

/** Every word of a stack that a call returns to, from `from` up to `to`. What is left over from earlier is among them. */
export function scanStack(kernel: Kernel, from: bigint, to: bigint): readonly Frame[] {
  const frames: Frame[] = [];
  const start = from & ~7n;
  const bytes = to > start ? kernel.memory.tryRead(start, Number(to - start)) : undefined;
  if (!bytes) return frames;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length && frames.length < MOST_FRAMES; at += 8) {
    const address = view.getBigUint64(at, true);
    if (!isReturnAddress(kernel, address)) continue;
    frames.push({ address, stack: start + BigInt(at), interrupted: false, guess: true });
  }
  return frames;
}

/** Whether it lies in the kernel's text right behind an instruction that calls. */
export function isReturnAddress(kernel: Kernel, address: bigint): boolean {
  if (address < 2n ** 63n) return false;
  const symbol = kernel.symbols.at(address - 1n);
  if (!symbol || !isText(symbol)) return false;
  const before = kernel.memory.tryRead(address - BigInt(CALL_BYTES), CALL_BYTES);
  if (!before) return false;
  return kernel.machine === 'x86-64' ? isX86Call(before) : isArm64Call(before);
}

/** `call` with a distance (e8), or through a register or memory (ff /2), whose length depends on what it names. */
function isX86Call(before: Uint8Array): boolean {
  if (before[CALL_BYTES - 5] === 0xe8) return true;
  return [2, 3, 4, 6, 7].some((length) => {
    const at = CALL_BYTES - length;
    return before[at] === 0xff && (((before[at + 1] ?? 0) >> 3) & 7) === 2;
  });
}

/** `bl`, `blr`, or one of the latter's kin that check a signature. */
function isArm64Call(before: Uint8Array): boolean {
  const word = new DataView(before.buffer, before.byteOffset + CALL_BYTES - 4, 4).getUint32(0, true);
  return word >>> 26 === 0x25 || (word & 0xfefff800) >>> 0 === 0xd63f0800 || (word & 0xfffffc1f) >>> 0 === 0xd63f0000;
}
