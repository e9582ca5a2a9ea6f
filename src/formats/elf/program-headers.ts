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
/** makedumpfile -E makes one for each run of kept pages: a million on a large host. */
const MOST_HEADERS = 4 * 1024 * 1024;

/** The table of program headers, decoded one at a time. */
export class ProgramHeaders {
  readonly count: number;
  readonly #view: DataView;
  readonly #entrySize: number;

  constructor(bytes: Uint8Array, entrySize: number) {
    this.count = Math.floor(bytes.length / entrySize);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#entrySize = entrySize;
  }

  *[Symbol.iterator](): Generator<ProgramHeader> {
    const view = this.#view;
    for (let i = 0; i < this.count; i++) {
      const at = i * this.#entrySize;
      yield {
        type: view.getUint32(at, true),
        offset: view.getBigUint64(at + 8, true),
        virtual: view.getBigUint64(at + 16, true),
        physical: view.getBigUint64(at + 24, true),
        fileSize: Number(view.getBigUint64(at + 32, true)),
        memorySize: Number(view.getBigUint64(at + 40, true)),
      };
    }
  }
}

/** The program headers, in the order of the file; those that the file is too short for are left out, as a problem. */
export function readProgramHeaders(source: ByteSource, header: ElfHeader): Parsed<ProgramHeaders> {
  const { offset, entrySize, count } = header.programHeaders;
  const at = { kind: 'bytes', file: source.name, offset, length: entrySize * count } as const;
  if (count === 0) throw new FormatError('ELF', 'has no program headers, so no memory; give a vmcore', at);
  if (entrySize < ENTRY_BYTES)
    throw new FormatError('ELF', `program headers of ${entrySize} bytes: the header is damaged; copy it again`, at);
  const held = Math.max(0, Math.floor((source.size - offset) / entrySize));
  const bytes = new Uint8Array(Math.min(count, held, MOST_HEADERS) * entrySize);
  const value = new ProgramHeaders(bytes.subarray(0, source.read(offset, bytes)), entrySize);
  if (value.count === 0) throw new FormatError('ELF', 'ends before its program headers; copy the file again', at);
  const problems: Problem[] = [];
  if (value.count < count) problems.push({ problem: `only ${value.count} of ${count} program headers are read`, at });
  return { value, problems };
}
