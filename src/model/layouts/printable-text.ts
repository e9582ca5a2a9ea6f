import type { KernelMemory } from '../memory/kernel-memory.ts';

/** A name is shorter; what is longer is shown in part. */
const LONGEST = 200;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What stands in a char array up to its NUL; undefined where that is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  return printable(end < 0 ? bytes : bytes.subarray(0, end));
}

/** What a char pointer leads to; undefined where that is no text, or not in the dump. */
export function pointedText(memory: KernelMemory, address: bigint): string | undefined {
  const bytes = memory.tryRead(address, LONGEST) ?? upToPage(memory, address);
  const end = bytes?.indexOf(0) ?? -1;
  if (bytes === undefined || (end < 0 && bytes.length < LONGEST)) return undefined;
  return printable(end < 0 ? bytes.subarray(0, LONGEST) : bytes.subarray(0, end));
}

function upToPage(memory: KernelMemory, address: bigint): Uint8Array | undefined {
  const rest = memory.pageSize - Number(address % BigInt(memory.pageSize));
  return rest < LONGEST ? memory.tryRead(address, rest) : undefined;
}

function printable(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) if (byte === 0x7f || (byte < 0x20 && (byte < 0x09 || byte > 0x0d))) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
