import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { EM_AARCH64, EM_X86_64, ET_CORE, readElfHeader } from '../../formats/elf/header.ts';
import { findVmcoreinfo, parseNotes, text, type ElfNote } from '../../formats/elf/notes.ts';
import { PT_LOAD, PT_NOTE, readProgramHeaders } from '../../formats/elf/program-headers.ts';
import { readCpuRegisters } from '../../formats/elf/prstatus.ts';
import { isFlattened, unfold } from '../../formats/kdump/flattened.ts';
import { DUMP_EXCLUDED_VMEMMAP, DUMP_INCOMPLETE, type Extent, readKdumpHeader } from '../../formats/kdump/header.ts';
import { contentKind, HEAD_BYTES } from '../content-kind.ts';
import { InputError } from '../input-error.ts';
import type { Dump } from './dump.ts';
import { ElfMemory } from './elf-memory.ts';
import { FileSource } from './file-source.ts';
import { KdumpMemory, type KdumpPart } from './kdump-memory.ts';
import { pageCodecs } from './page-codecs.ts';

const MOST_NOTE_BYTES = 16 * 1024 * 1024;

type Machine = Dump['machine'];
type Opened = Omit<Dump, 'files' | 'close'>;

/**
 * Opens a crash dump: its file, the parts of a split one, one of those, or the folder. Throws InputError or FormatError
 * where nothing can be made of it.
 */
export function openDump(paths: readonly string[]): Dump {
  const open: FileSource[] = [];
  const close = (): void => {
    for (const file of open) file.close();
  };
  try {
    const files = paths.flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]));
    const [first = ''] = files;
    const source = new FileSource(first);
    open.push(source);
    const { inner, problems, flattened } = unwrap(source);
    const kind = contentKind(head(inner));
    if (kind.kind !== 'dump') throw new InputError(first, 'is no crash dump', 'give a vmcore');
    if (kind.dump === 'elf-core') return { files: [first], ...openElf(inner, problems), close };
    const header = readKdumpHeader(inner);
    let parts: [KdumpPart, ...KdumpPart[]] = [{ source: inner, header, start: 0, end: header.frames }];
    const used = [first];
    if (header.split !== undefined) {
      parts = [{ source: inner, header, ...header.split }];
      const beside = files.length > 1 ? files.slice(1) : filesOf(dirname(first)).filter((file) => file !== first);
      for (const path of beside) {
        const other = new FileSource(path);
        open.push(other);
        const otherKind = contentKind(head(other));
        if (otherKind.kind !== 'dump' || otherKind.dump !== 'kdump') continue;
        const otherHeader = readKdumpHeader(other);
        if (otherHeader.split === undefined) continue;
        parts.push({ source: other, header: otherHeader, ...otherHeader.split });
        used.push(path);
      }
      parts.sort((a, b) => a.start - b.start);
    }
    return { files: used, ...openKdump(parts, problems, flattened), close };
  } catch (cause) {
    close();
    throw cause;
  }
}

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name))
    .toSorted();

function head(source: ByteSource): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  return bytes.subarray(0, source.read(0, bytes));
}

function unwrap(source: ByteSource): { inner: ByteSource; problems: readonly Problem[]; flattened: boolean } {
  if (!isFlattened(head(source))) return { inner: source, problems: [], flattened: false };
  const unfolded = unfold(source);
  return { inner: unfolded.source, problems: unfolded.problems, flattened: true };
}

function openElf(source: ByteSource, before: readonly Problem[]): Opened {
  const header = readElfHeader(source);
  if (header.type !== ET_CORE) throw new InputError(source.name, 'is an ELF file but no core', 'give a vmcore');
  const { value: headers, problems } = readProgramHeaders(source, header);
  const notes = headers
    .filter(({ type }) => type === PT_NOTE)
    .flatMap(({ offset, fileSize }) => notesAt(source, { offset: Number(offset), size: fileSize }));
  const vmcoreinfo = findVmcoreinfo(notes);
  return {
    container: 'ELF core',
    machine: machineOf(header.machine),
    physical: new ElfMemory(source, headers),
    ...(vmcoreinfo !== undefined && { vmcoreinfo }),
    segments: headers
      .filter(({ type, virtual }) => type === PT_LOAD && virtual !== 0n)
      .map(({ virtual, physical, memorySize }) => ({ virtual, physical: Number(physical), size: memorySize })),
    cpus: readCpuRegisters(notes, header.machine),
    problems: [...before, ...problems],
  };
}

function openKdump(
  parts: readonly [KdumpPart, ...KdumpPart[]],
  before: readonly Problem[],
  flattened: boolean,
): Opened {
  const [{ source, header }] = parts;
  const notes = header.notes ? notesAt(source, header.notes) : [];
  const vmcoreinfo = header.vmcoreinfo ? text(bytesAt(source, header.vmcoreinfo)) : findVmcoreinfo(notes);
  const machine = header.utsname['machine'] ?? '';
  const code = machine === 'x86_64' ? EM_X86_64 : machine === 'aarch64' ? EM_AARCH64 : 0;
  const problem = (what: string): Problem => ({
    problem: what,
    at: { kind: 'bytes', file: source.name, offset: 424, length: 4 },
  });
  return {
    container: `${header.signature.toLowerCase()} version ${header.version}${flattened ? ', flattened' : ''}${parts.length > 1 ? `, split over ${parts.length} files` : ''}`,
    machine: machineOf(code),
    physical: new KdumpMemory(parts, pageCodecs),
    ...(vmcoreinfo !== undefined && vmcoreinfo !== '' && { vmcoreinfo }),
    utsname: header.utsname,
    ...(header.physBase !== undefined && { claimedPhysBase: header.physBase }),
    segments: [],
    cpus: readCpuRegisters(notes, code),
    problems: [
      ...before,
      ...((header.status & DUMP_INCOMPLETE) !== 0 ? [problem('the dump is marked incomplete')] : []),
      ...((header.status & DUMP_EXCLUDED_VMEMMAP) !== 0 ? [problem('unused struct pages were left out')] : []),
    ],
  };
}

const machineOf = (code: number): Machine =>
  code === EM_X86_64 ? 'x86-64' : code === EM_AARCH64 ? 'aarch64' : 'unknown';

function notesAt(source: ByteSource, extent: Extent): readonly ElfNote[] {
  return parseNotes(bytesAt(source, extent));
}

/** As much of it as the file has. */
function bytesAt(source: ByteSource, { offset, size }: Extent): Uint8Array {
  const length = Math.max(0, Math.min(size, source.size - offset, MOST_NOTE_BYTES));
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, source.read(offset, bytes));
}
