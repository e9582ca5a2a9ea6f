/** One ELF note (elf(5), Elf64_Nhdr). */
export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly content: Uint8Array;
}

const HEADER_BYTES = 12;
/** A host has a note for each CPU, and few others. */
const MOST_NOTES = 65_536;

const align4 = (n: number): number => (n + 3) & ~3;

/** The notes of a PT_NOTE segment, up to the first that does not fit; names and contents are padded to 4 bytes. */
export function parseNotes(bytes: Uint8Array): readonly ElfNote[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const notes: ElfNote[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length && notes.length < MOST_NOTES;) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const name = at + HEADER_BYTES;
    const content = name + align4(nameSize);
    // A CPU that saved nothing leaves zeros; every note has a name.
    if (nameSize === 0) {
      at += 4;
      continue;
    }
    if (nameSize > bytes.length || size > bytes.length || content + size > bytes.length) break;
    notes.push({
      name: textOf(bytes.subarray(name, name + nameSize)),
      type,
      content: bytes.subarray(content, content + size),
    });
    at = content + align4(size);
  }
  return notes;
}

/** The text of VMCOREINFO: note of that name, type 0 (kernel/vmcore_info.c). */
export function findVmcoreinfo(notes: readonly ElfNote[]): string | undefined {
  const note = notes.find(({ name, content }) => name === 'VMCOREINFO' && content.length > 0);
  return note && textOf(note.content);
}

/** Up to the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
