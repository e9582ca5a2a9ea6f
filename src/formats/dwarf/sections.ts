import type { ByteSource } from '../../base/byte-source.ts';

/** What is read of DWARF, unpacked. Sections that a file has not are empty. */
export interface DwarfSections {
  /** .debug_info, by ranges: it is half of the file. */
  readonly info: ByteSource;
  /** .debug_abbrev */
  readonly abbreviations: Uint8Array;
  /** .debug_str */
  readonly strings: Uint8Array;
  /** .debug_line_str */
  readonly lineStrings: Uint8Array;
  /** .debug_str_offsets */
  readonly stringOffsets: Uint8Array;
}
