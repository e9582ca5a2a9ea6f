import type { KernelMemory } from '../memory/kernel-memory.ts';
import { nodeOf, type TypeRef } from './type-ref.ts';

/**
 * What bytes of a type are: `text` of char. Of `unsigned char` they may be `either`: names of dentries, and hardware
 * addresses. What is called u8 is numbers.
 */
export type TextKind = 'text' | 'either';

/** A name is shorter; what is longer is shown in part. */
const LONGEST = 200;
const MOST_QUALIFIERS = 8;
/** So many characters in a row are no accident. */
const LEAST_LIKELY = 3;
const decoder = new TextDecoder('utf-8', { fatal: true });

export function textKind({ graph, id }: TypeRef): TextKind | undefined {
  let node = nodeOf({ graph, id });
  for (let step = 0; step < MOST_QUALIFIERS && (node.kind === 'const' || node.kind === 'volatile'); step++) {
    node = graph.node(node.to);
  }
  if (node.kind !== 'int') return undefined;
  if (node.encoding === 'char') return 'text';
  return node.name === 'unsigned char' ? 'either' : undefined;
}

/** What stands in an array up to its NUL; undefined where that is no text. */
export function textOf(bytes: Uint8Array, kind: TextKind): string | undefined {
  const end = bytes.indexOf(0);
  const text = printable(end < 0 ? bytes : bytes.subarray(0, end));
  if (kind === 'text' || text === undefined || text.length >= LEAST_LIKELY) return text;
  return text !== '' && bytes.subarray(end).every((byte) => byte === 0) ? text : undefined;
}

/** What a pointer leads to; undefined where that is no text, or not in the dump. */
export function pointedText(memory: KernelMemory, address: bigint, kind: TextKind): string | undefined {
  const bytes = memory.tryRead(address, LONGEST) ?? upToPage(memory, address);
  const end = bytes?.indexOf(0) ?? -1;
  if (bytes === undefined || (end < 0 && bytes.length < LONGEST)) return undefined;
  const text = printable(end < 0 ? bytes.subarray(0, LONGEST) : bytes.subarray(0, end));
  return kind === 'either' && text === '' ? undefined : text;
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
