import type { ByteSource } from '../../base/byte-source.ts';
import { PT_LOAD, type ProgramHeader } from '../../formats/elf/program-headers.ts';
import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { GapList } from './gap-list.ts';

/** Physical memory [start, end) at an offset of the file; `zero`: not stored because it is all zeros. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly zero: boolean;
}

const PAGE = 4096;

/** Memory in an ELF core; docs/formats/elf-core.md. */
export class ElfMemory implements PhysicalMemory {
  readonly pageSize: number = PAGE;
  readonly endFrame: number;
  readonly #source: ByteSource;
  readonly #stretches: readonly Stretch[];
  readonly #page: Uint8Array = new Uint8Array(PAGE);

  constructor(source: ByteSource, headers: readonly ProgramHeader[]) {
    this.#source = source;
    this.#stretches = layOut(headers);
    this.endFrame = Math.ceil((this.#stretches.at(-1)?.end ?? 0) / PAGE);
  }

  state(frame: number): PageState {
    const stretch = this.#stretch(frame * PAGE, PAGE);
    if (stretch === undefined) return 'absent';
    if (stretch.zero) return 'zero';
    return stretch.offset + (frame * PAGE - stretch.start) < this.#source.size ? 'present' : 'lost';
  }

  page(frame: number): Uint8Array | undefined {
    return this.read(frame * PAGE, this.#page).length === 0 ? this.#page : undefined;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const gaps = new GapList();
    for (let done = 0; done < target.length;) {
      const at = address + done;
      const stretch = this.#stretch(at, target.length - done);
      const start = Math.max(at, stretch?.start ?? Infinity);
      const hole = Math.min(start - at, target.length - done);
      if (hole > 0) {
        target.fill(0, done, done + hole);
        gaps.add(done, hole, 'absent');
        done += hole;
        continue;
      }
      if (stretch === undefined) break;
      const length = Math.min(stretch.end - at, target.length - done);
      const part = target.subarray(done, done + length);
      const got = stretch.zero ? 0 : this.#source.read(stretch.offset + (at - stretch.start), part);
      part.fill(0, got);
      if (!stretch.zero && got < length) gaps.add(done + got, length - got, 'lost');
      done += length;
    }
    return gaps.gaps;
  }

  counts(): PageCounts {
    let present = 0;
    let zero = 0;
    for (const stretch of this.#stretches) {
      const pages = Math.floor(stretch.end / PAGE) - Math.floor(stretch.start / PAGE);
      if (stretch.zero) zero += pages;
      else present += pages;
    }
    return { present, zero, excluded: 0, lost: 0 };
  }

  /** The first stretch that has bytes of [address, address + length). */
  #stretch(address: number, length: number): Stretch | undefined {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#stretches[middle]?.end ?? 0) > address) high = middle;
      else low = middle + 1;
    }
    const found = this.#stretches[low];
    return found !== undefined && found.start < address + length ? found : undefined;
  }
}

/** What is stored comes before what is zero, where headers overlap; the first header wins. */
function layOut(headers: readonly ProgramHeader[]): readonly Stretch[] {
  const stretches = headers
    .filter(({ type, physical }) => type === PT_LOAD && physical < 1n << 52n)
    .flatMap(({ physical, offset, fileSize, memorySize }) => {
      const start = Number(physical);
      const stored = start + fileSize;
      return [
        ...(fileSize > 0 ? [{ start, end: stored, offset: Number(offset), zero: false }] : []),
        ...(memorySize > fileSize ? [{ start: stored, end: start + memorySize, offset: 0, zero: true }] : []),
      ];
    })
    .toSorted((a, b) => a.start - b.start);
  const apart: Stretch[] = [];
  for (const stretch of stretches) {
    const covered = apart.at(-1)?.end ?? 0;
    if (stretch.end <= covered) continue;
    const cut = Math.max(0, covered - stretch.start);
    apart.push({ ...stretch, start: stretch.start + cut, offset: stretch.offset + cut });
  }
  return apart;
}
