import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import type { ElfHeader } from './header.ts';

/** Elf64_Phdr. Offsets and sizes in bytes. */
export interface ProgramHeader {
  readonly type: number;
  /** p_offset as stored: /proc/kcore has offsets that a number does not hold exactly. */
  readonly offset: bigint;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly fileSize: number;
  readonly memorySize: number;
}

export const PT_LOAD = 1;
export const PT_NOTE = 4;

/** Bytes of Elf64_Phdr. */
const ENTRY_BYTES = 56;
/** makedumpfile -E makes one for each run of kept pages: millions on a large host. */
const MOST_HEADERS = 16 * 1024 * 1024;

/** The program headers, in the order of the file; those that the file is too short for are left out, as a problem. */
export function readProgramHeaders(source: ByteSource, header: ElfHeader): Parsed<readonly ProgramHeader[]> {
  const { offset, entrySize, count } = header.programHeaders;
  const at = { kind: 'bytes', file: source.name, offset, length: entrySize * count } as const;
  if (count === 0) throw new FormatError('ELF', 'has no program headers, so no memory; not a crash dump', at);
  if (entrySize < ENTRY_BYTES) throw new FormatError('ELF', `program headers of ${entrySize} bytes; damaged`, at);
  const held = Math.max(0, Math.floor((source.size - offset) / entrySize));
  const known = Math.min(count, held, MOST_HEADERS);
  const problems: Problem[] = [];
  const bytes = new Uint8Array(known * entrySize);
  const got = Math.floor(source.read(offset, bytes) / entrySize);
  if (got === 0) throw new FormatError('ELF', 'ends before its program headers; copy the file again', at);
  if (got < count) problems.push({ problem: `ends after ${got} of ${count} program headers`, at });
  const view = new DataView(bytes.buffer);
  const value = Array.from({ length: got }, (_, i) => decode(view, i * entrySize));
  return { value, problems };
}

function decode(view: DataView, at: number): ProgramHeader {
  return {
    type: view.getUint32(at, true),
    offset: view.getBigUint64(at + 8, true),
    virtual: view.getBigUint64(at + 16, true),
    physical: view.getBigUint64(at + 24, true),
    fileSize: Number(view.getBigUint64(at + 32, true)),
    memorySize: Number(view.getBigUint64(at + 40, true)),
  };
}
