import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../src/model/memory/physical-memory.ts';

/** The bytes of a page, or why it has none. */
export type PageContent = Uint8Array | Exclude<PageState, 'present' | 'absent'>;

/** Physical memory given page by page, for the writers of dumps, and as what a reader of them should give back. */
export class PageMap implements PhysicalMemory {
  readonly pageSize: number;
  readonly endFrame: number;
  readonly #pages: ReadonlyMap<number, PageContent>;

  /** Frames that are not in the map are absent. */
  constructor(pages: ReadonlyMap<number, PageContent>, pageSize = 4096, endFrame?: number) {
    this.#pages = pages;
    this.pageSize = pageSize;
    this.endFrame = endFrame ?? Math.max(...pages.keys()) + 1;
  }

  state(frame: number): PageState {
    const page = this.#pages.get(frame) ?? 'absent';
    return typeof page === 'string' ? page : 'present';
  }

  page(frame: number): Uint8Array | undefined {
    const page = this.#pages.get(frame);
    if (page === 'zero') return new Uint8Array(this.pageSize);
    return typeof page === 'string' ? undefined : page;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const gaps: { offset: number; length: number; state: Gap['state'] }[] = [];
    for (let done = 0; done < target.length;) {
      const frame = Math.floor((address + done) / this.pageSize);
      const from = (address + done) % this.pageSize;
      const length = Math.min(target.length - done, this.pageSize - from);
      const state = this.state(frame);
      const last = gaps.at(-1);
      target.fill(0, done, done + length);
      if (state === 'present') target.set(this.page(frame)?.subarray(from, from + length) ?? [], done);
      else if (state !== 'zero' && last?.state === state && last.offset + last.length === done) last.length += length;
      else if (state !== 'zero') gaps.push({ offset: done, length, state });
      done += length;
    }
    return gaps;
  }

  counts(): PageCounts {
    const counts = { present: 0, zero: 0, excluded: 0, lost: 0 };
    for (const page of this.#pages.values()) counts[typeof page === 'string' ? page : 'present']++;
    return counts;
  }
}

/** A page of words that compresses somewhat, as kernel memory does; the same for the same seed. */
export function madePage(seed: number, size = 4096): Uint8Array {
  const words = new Uint32Array(size / 4);
  let state = seed + 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    words[i] = i % 5 === 0 ? state : i % 2 === 0 ? 0xffff_8880 : seed;
  }
  // So that every encoder of page-encoders.ts makes it smaller.
  words.fill(0xffff_ffff, words.length - 20);
  return new Uint8Array(words.buffer);
}

/**
 * A small machine: RAM with a hole, pages of all states, zero pages alone and in rows. `frames`: about how many.
 */
export function smallMachine(frames = 200, pageSize = 4096): PageMap {
  const pages = new Map<number, PageContent>();
  for (let i = 0; i < frames; i++) {
    const frame = i < frames / 2 ? i + 1 : i + 400;
    pages.set(frame, contentOf(i, pageSize));
  }
  return new PageMap(pages, pageSize);
}

function contentOf(i: number, pageSize: number): PageContent {
  if (i % 7 === 3) return 'zero';
  if (i % 23 > 18) return 'excluded';
  return i % 40 < 3 && i > 40 ? 'zero' : madePage(i, pageSize);
}
