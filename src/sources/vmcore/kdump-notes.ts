import type { ByteSource } from '../../base/byte-source.ts';
import { parseNotes, textOf, type ElfNote } from '../../formats/elf/notes.ts';
import type { Extent, KdumpHeader } from '../../formats/kdump/header.ts';

/** A host has a note of some hundred bytes for each CPU, and one page or two of VMCOREINFO. */
export const MOST_NOTE_BYTES: number = 16 * 1024 * 1024;

/** As many bytes as the source has there. */
export function bytesAt(source: ByteSource, { offset, size }: Extent): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(size, source.size - offset, MOST_NOTE_BYTES)));
  return bytes.subarray(0, source.read(offset, bytes));
}

export const notesOf = (source: ByteSource, { notes }: KdumpHeader): readonly ElfNote[] =>
  notes ? parseNotes(bytesAt(source, notes)) : [];

/** The text where the sub header says it is; undefined where it says nothing, or points at nothing. */
export function vmcoreinfoOf(source: ByteSource, { vmcoreinfo }: KdumpHeader): string | undefined {
  const text = vmcoreinfo ? textOf(bytesAt(source, vmcoreinfo)) : '';
  return text === '' ? undefined : text;
}
