import type { Problem } from '../../base/errors.ts';
import { findVmcoreinfo } from '../../formats/elf/notes.ts';
import { readKdumpHeader, type KdumpHeader } from '../../formats/kdump/header.ts';
import type { DumpFile } from './dump-file.ts';
import { notesOf, vmcoreinfoOf } from './kdump-notes.ts';

/** A file of a kdump, with its header read. */
export interface KdumpFile extends DumpFile {
  readonly header: KdumpHeader;
  /** Equal for the parts of one dump; of a dump that is not split, its path. */
  readonly key: string;
}

/** How much of the bitmap takes part in telling dumps apart. */
const COMPARED = 65_536;

/** Throws FormatError. */
export function readKdumpFile(file: DumpFile): KdumpFile {
  const header = readKdumpHeader(file.source);
  return { ...file, header, key: header.split ? keyOf(file, header) : file.path };
}

/** Two dumps of one host may lie in one folder: what the headers say is equal then, what the bitmaps say is not. */
function keyOf({ source }: DumpFile, header: KdumpHeader): string {
  const { offset, size } = header.dumpedBitmap;
  const bitmap = new Uint8Array(Math.min(size, COMPARED));
  source.read(offset, bitmap);
  const { signature, version, blockSize, frames, utsname, timestamp, physBase } = header;
  const vmcoreinfo = vmcoreinfoOf(source, header) ?? findVmcoreinfo(notesOf(source, header));
  const said = [signature, version, blockSize, frames, offset, size, utsname, timestamp, String(physBase), vmcoreinfo];
  return `${JSON.stringify(said)} ${hash(bitmap)}`;
}

/** FNV-1a; tells apart, proves nothing. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

export const isKdump = (file: DumpFile | KdumpFile): file is KdumpFile => 'header' in file;

/** Whether a file is one of several that makedumpfile --split wrote. */
export const isPart = (file: DumpFile | KdumpFile): file is KdumpFile =>
  isKdump(file) && file.header.split !== undefined;

/** The parts in the order of their frames; those whose frames another has too are left out, as a problem. */
export function orderParts(files: readonly KdumpFile[]): {
  readonly parts: readonly KdumpFile[];
  readonly problems: readonly Problem[];
} {
  const parts: KdumpFile[] = [];
  const problems: Problem[] = [];
  let covered = 0;
  for (const file of files.toSorted((a, b) => startOf(a) - startOf(b))) {
    if (startOf(file) < covered) {
      const problem = 'covers frames that another part covers too, and is not read';
      problems.push({ problem, at: { kind: 'bytes', file: file.name, offset: 0, length: 0 } });
      continue;
    }
    covered = Math.max(covered, file.header.split?.end ?? 0);
    parts.push(file);
  }
  return { parts, problems };
}

const startOf = ({ header }: KdumpFile): number => header.split?.start ?? 0;
