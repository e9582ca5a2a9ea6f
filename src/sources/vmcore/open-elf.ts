import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { spellBytes, spellThings } from '../../base/spelling.ts';
import { readCpuRegisters } from '../../formats/elf/cpu-registers.ts';
import { readElfHeader } from '../../formats/elf/header.ts';
import { findVmcoreinfo, parseNotes, type ElfNote } from '../../formats/elf/notes.ts';
import { PT_LOAD, PT_NOTE, readProgramHeaders, type ProgramHeader } from '../../formats/elf/program-headers.ts';
import { InputError } from '../input-error.ts';
import type { DumpContent } from './dump-content.ts';
import type { VirtualSegment } from './dump.ts';
import type { DumpFile } from './dump-file.ts';
import { ElfMemory, placesMemory } from './elf-memory.ts';
import { bytesAt, MOST_NOTE_BYTES } from './kdump-notes.ts';
import { machineName } from './machine.ts';

/** makedumpfile -E: e_flags says that it ran out of space. */
const INCOMPLETE = 1;
/** Stretches at virtual addresses that are handed out: enough to tell the direct map by. */
const MOST_SEGMENTS = 65_536;

/** Throws InputError or FormatError. */
export function openElf({ name, file, source, flattened, problems: before }: DumpFile): DumpContent {
  const header = readElfHeader(source);
  const { value: headers, problems } = readProgramHeaders(source, header);
  if (!saysWhereMemoryIs(headers))
    throw new InputError(name, 'has no physical addresses, as in old kernels’ /proc/kcore', 'take a dump with kdump');
  const notes = notesIn(source, headers);
  const vmcoreinfo = findVmcoreinfo(notes);
  const base = file.isLive ? lowestOffset(headers) : 0n;
  const memory = new ElfMemory(base > 0n ? file.from(base) : source, headers, base);
  const problem = (what: string, offset: number, length: number): Problem => ({
    problem: what,
    at: { kind: 'bytes', file: source.name, offset, length },
  });
  const { lost, zero } = memory.counts();
  return {
    container: `ELF core${file.isLive ? ' of the running kernel' : ''}${flattened ? ', flattened' : ''}`,
    machine: machineName(header.machine),
    physical: memory,
    ...(vmcoreinfo !== undefined && { vmcoreinfo }),
    segments: segmentsOf(headers),
    cpus: readCpuRegisters(notes, header.machine),
    endsEarly: lost > 0,
    problems: [
      ...before,
      ...problems,
      ...((header.flags & INCOMPLETE) === 0
        ? []
        : [problem('makedumpfile ran out of space and marked the dump incomplete; pages are lost', 48, 4)]),
      ...(zero > 0
        ? [
            problem(
              `${spellThings(zero, 'page')} read as zeros: makedumpfile -E marks those that it left out like those that were zero`,
              header.programHeaders.offset,
              0,
            ),
          ]
        : []),
      ...(lost > 0
        ? [
            problem(
              `ends before the last ${spellBytes(lost * memory.pageSize)} of memory; they are lost`,
              source.size,
              0,
            ),
          ]
        : []),
    ],
  };
}

/** Kernels that do not fill p_paddr in leave it zero everywhere: memory would all be in one place. */
function saysWhereMemoryIs(headers: Iterable<ProgramHeader>): boolean {
  let loads = 0;
  for (const { type, physical } of headers) {
    if (type !== PT_LOAD) continue;
    if (physical !== 0n) return true;
    loads++;
  }
  return loads <= 1;
}

function notesIn(source: ByteSource, headers: Iterable<ProgramHeader>): readonly ElfNote[] {
  const notes: ElfNote[] = [];
  let room = MOST_NOTE_BYTES;
  for (const { type, offset, fileSize } of headers) {
    if (type !== PT_NOTE || room === 0) continue;
    const size = Math.min(fileSize, room);
    room -= size;
    notes.push(...parseNotes(bytesAt(source, { offset: Number(offset), size })));
  }
  return notes;
}

/** Where a number does not hold the offsets of a live kernel's memory exactly, they are counted from the lowest. */
function lowestOffset(headers: Iterable<ProgramHeader>): bigint {
  let lowest: bigint | undefined;
  for (const header of headers)
    if (placesMemory(header) && (lowest === undefined || header.offset < lowest)) lowest = header.offset;
  return lowest ?? 0n;
}

function segmentsOf(headers: Iterable<ProgramHeader>): readonly VirtualSegment[] {
  const segments: VirtualSegment[] = [];
  for (const header of headers) {
    const { virtual, physical, memorySize } = header;
    if (placesMemory(header) && virtual !== 0n && segments.length < MOST_SEGMENTS)
      segments.push({ virtual, physical: Number(physical), size: memorySize });
  }
  return segments;
}
