import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { spellThings } from '../../base/spelling.ts';
import { findVmcoreinfo } from '../../formats/elf/notes.ts';
import { readCpuRegisters } from '../../formats/elf/cpu-registers.ts';
import { DUMP_EXCLUDED_VMEMMAP, DUMP_INCOMPLETE, type KdumpHeader } from '../../formats/kdump/header.ts';
import { STORED_LZO, STORED_SNAPPY, STORED_ZLIB, STORED_ZSTD } from '../../formats/kdump/page-descriptors.ts';
import type { DumpContent } from './dump-content.ts';
import { KdumpMemory, type KdumpPart } from './kdump-memory.ts';
import { notesOf, vmcoreinfoOf } from './kdump-notes.ts';
import { machineCode, machineName } from './machine.ts';
import { createPageCodecs } from './page-codecs.ts';
import { orderParts, type KdumpFile } from './split-parts.ts';

const CODECS: readonly (readonly [number, string])[] = [
  [STORED_ZLIB, 'zlib'],
  [STORED_LZO, 'LZO'],
  [STORED_SNAPPY, 'snappy'],
  [STORED_ZSTD, 'zstd'],
];

/** `files`: one, or the parts of a split dump. */
export function openKdump(files: readonly [KdumpFile, ...KdumpFile[]]): DumpContent {
  const { parts, problems: overlaps } = orderParts(files);
  const [first = files[0]] = parts;
  const { source, header } = first;
  const notes = notesOf(source, header);
  const vmcoreinfo = vmcoreinfoOf(source, header) ?? findVmcoreinfo(notes);
  const machine = machineCode(header.utsname['machine'], vmcoreinfo);
  const memory = new KdumpMemory([partOf(first), ...parts.slice(1).map(partOf)], createPageCodecs());
  const problems = [
    ...files.flatMap((file) => file.problems),
    ...overlaps,
    ...headerProblems(source.name, header, vmcoreinfo),
    ...missingPart(source.name, header, memory),
    ...tornEnd(source, memory),
  ];
  return {
    container: spellContainer(header, first.flattened, parts.length),
    machine: machineName(machine),
    physical: memory,
    ...(vmcoreinfo !== undefined && { vmcoreinfo }),
    ...(Object.keys(header.utsname).length > 0 && { utsname: header.utsname }),
    ...(header.physBase !== undefined && { claimedPhysBase: header.physBase }),
    segments: [],
    cpus: machine === undefined ? [] : readCpuRegisters(notes, machine),
    endsEarly: memory.endsEarly || files.some((file) => file.problems.length > 0),
    get problems() {
      return [...problems, ...memory.problems()];
    },
  };
}

function partOf({ source, header }: KdumpFile): KdumpPart {
  const { start, end } = header.split ?? { start: 0, end: header.frames };
  return { source, header, start: Math.min(start, header.frames), end: Math.min(end, header.frames) };
}

function spellContainer(header: KdumpHeader, flattened: boolean, parts: number): string {
  const codecs = CODECS.filter(([flag]) => (header.status & flag) !== 0).map(([, name]) => name);
  return [
    `${header.signature.toLowerCase()} version ${header.version}`,
    codecs.length === 0 ? 'uncompressed' : codecs.join(' and '),
    ...(flattened ? ['flattened'] : []),
    ...(header.split ? [`split over ${spellThings(parts, 'file')}`] : []),
  ].join(', ');
}

function headerProblems(file: string, header: KdumpHeader, vmcoreinfo: string | undefined): readonly Problem[] {
  const problem = (what: string, offset: number, length: number): Problem => ({
    problem: what,
    at: { kind: 'bytes', file, offset, length },
  });
  const { status, vmcoreinfo: extent, claimedFrames, frames } = header;
  return [
    ...((status & DUMP_INCOMPLETE) === 0
      ? []
      : [problem('makedumpfile ran out of space and marked the dump incomplete; pages are lost', 424, 4)]),
    ...((status & DUMP_EXCLUDED_VMEMMAP) === 0
      ? []
      : [problem('makedumpfile -e left out the struct pages of unused memory; pages cannot all be told', 424, 4)]),
    ...(extent && vmcoreinfo === undefined
      ? [problem('the place of VMCOREINFO holds no text', extent.offset, extent.size)]
      : []),
    ...(claimedFrames > frames
      ? [problem(`claims ${claimedFrames} frames, and its bitmaps have bits for ${frames}`, 440, 4)]
      : []),
  ];
}

function missingPart(file: string, { dumpedBitmap }: KdumpHeader, memory: KdumpMemory): readonly Problem[] {
  if (memory.unclaimed === 0) return [];
  const pages = spellThings(memory.unclaimed, 'page');
  const problem = `a part of the split dump is missing: ${pages} are in no file that was found`;
  return [{ problem, at: { kind: 'bytes', file, offset: dumpedBitmap.offset, length: dumpedBitmap.size } }];
}

function tornEnd(source: ByteSource, { endsEarly }: KdumpMemory): readonly Problem[] {
  const problem = 'ends before the last of its pages: the copy is not whole, and those pages are lost';
  return endsEarly ? [{ problem, at: { kind: 'bytes', file: source.name, offset: source.size, length: 0 } }] : [];
}
