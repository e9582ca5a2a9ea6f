import type { PageState, PhysicalMemory } from '../../src/model/memory/physical-memory.ts';
import type { ByteSink } from './byte-sink.ts';

/** What a made-up ELF core says of itself; docs/formats/elf-core.md has the fields. */
export interface ElfCoreOptions {
  /** EM_X86_64 62, EM_AARCH64 183. */
  readonly machine?: number;
  readonly flags?: number;
  /** ELF notes, one behind another: see write-notes.ts. */
  readonly notes?: Uint8Array;
  /** Virtual address of physical address 0 in the direct map; without one the headers have none. */
  readonly directMap?: bigint;
  /** Leaves room between the header and the program headers, as QEMU 7.2 does. */
  readonly gap?: number;
  /** Puts the number of program headers into section 0, as is done for more than 65,534. */
  readonly extendedNumbering?: boolean;
  /** Bytes of data before memory, so that pages do not lie at multiples of their size. */
  readonly shift?: number;
}

interface Stretch {
  readonly first: number;
  readonly end: number;
  readonly state: 'present' | 'zero';
}

/** Writes what is present as stored memory, zeros as memory that takes no room, and leaves out everything else. */
export function writeElfCore(sink: ByteSink, memory: PhysicalMemory, options: ElfCoreOptions = {}): void {
  const { notes = new Uint8Array(0), gap = 0, shift = 0, directMap, extendedNumbering = false } = options;
  const stretches = stretchesOf(memory);
  const table = 64 + gap + (extendedNumbering ? 64 : 0);
  const count = stretches.length + 1;
  const notesAt = table + count * 56;
  const headers = Buffer.alloc(count * 56);
  let at = notesAt + notes.length + shift;
  putHeader(headers, 0, {
    type: 4,
    offset: notesAt,
    virtual: 0n,
    physical: 0,
    stored: notes.length,
    size: notes.length,
  });
  stretches.forEach(({ first, end, state }, i) => {
    const physical = first * memory.pageSize;
    const size = (end - first) * memory.pageSize;
    const stored = state === 'present' ? size : 0;
    const virtual = directMap === undefined ? 0n : directMap + BigInt(physical);
    putHeader(headers, i + 1, { type: 1, offset: at, virtual, physical, stored, size });
    for (let frame = first; stored > 0 && frame < end; frame++, at += memory.pageSize)
      sink.write(at, memory.page(frame) ?? new Uint8Array(memory.pageSize));
  });
  sink.write(0, elfHeader(options, table, count));
  if (extendedNumbering) sink.write(64 + gap, sectionZero(count));
  sink.write(table, headers);
  sink.write(notesAt, notes);
}

function stretchesOf(memory: PhysicalMemory): readonly Stretch[] {
  const stored = (state: PageState): state is Stretch['state'] => state === 'present' || state === 'zero';
  const stretches: Stretch[] = [];
  for (let frame = 0; frame < memory.endFrame; frame++) {
    const state = memory.state(frame);
    const last = stretches.at(-1);
    if (!stored(state)) continue;
    if (last?.end === frame && last.state === state) stretches[stretches.length - 1] = { ...last, end: frame + 1 };
    else stretches.push({ first: frame, end: frame + 1, state });
  }
  return stretches;
}

function elfHeader(
  { machine = 62, flags = 0, gap = 0, extendedNumbering = false }: ElfCoreOptions,
  table: number,
  count: number,
): Uint8Array {
  const header = Buffer.alloc(64);
  header.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  header.writeUInt16LE(4, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(table), 32);
  header.writeBigUInt64LE(BigInt(extendedNumbering ? 64 + gap : 0), 40);
  header.writeUInt32LE(flags, 48);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(extendedNumbering ? 0xffff : count, 56);
  header.writeUInt16LE(extendedNumbering ? 64 : 0, 58);
  header.writeUInt16LE(extendedNumbering ? 1 : 0, 60);
  return header;
}

/** sh_info has the number of program headers. */
function sectionZero(count: number): Uint8Array {
  const section = Buffer.alloc(64);
  section.writeUInt32LE(count, 44);
  return section;
}

interface Header {
  readonly type: number;
  readonly offset: number;
  readonly virtual: bigint;
  readonly physical: number;
  readonly stored: number;
  readonly size: number;
}

function putHeader(table: Buffer, i: number, { type, offset, virtual, physical, stored, size }: Header): void {
  table.writeUInt32LE(type, i * 56);
  [BigInt(offset), virtual, BigInt(physical), BigInt(stored), BigInt(size)].forEach((value, field) =>
    table.writeBigUInt64LE(BigInt.asUintN(64, value), i * 56 + 8 + field * 8),
  );
}
