import type { ShellPage } from '../../../findings/core/shell-heap.ts';
import type { PageLayout } from '../../../model/kernel/page-layout.ts';
import type { CoreSession } from '../session.ts';
import { spell } from '../addresses.ts';

/** Spells struct pages for `kmem -p`. */
export class PageRows {
  readonly #session: CoreSession;
  readonly #layout: PageLayout;
  readonly #index: number | undefined;
  readonly #names: readonly (readonly [bit: bigint, name: string])[];

  constructor(session: CoreSession) {
    const { layouts } = session.kernel;
    this.#session = session;
    this.#layout = session.pages.layout;
    // Renamed in 6.16 (commit acc53a0b4c156).
    this.#index = layouts.firstOf('page', ['index', '__folio_index'])?.offset;
    this.#names = pageFlags(session).map(({ name, bit }) => [1n << BigInt(bit), name]);
  }

  /** Of all frames, in order. */
  *all(): Generator<ShellPage> {
    const { map } = this.#session.pages;
    for (const { firstFrame, frames, bytes, missing } of map.chunks()) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const lacks = (i: number): boolean => missing.some(({ from, frames: n }) => i >= from && i < from + n);
      for (let i = 0; i < frames; i++)
        yield this.#row(firstFrame + i, lacks(i) ? undefined : view, i * map.pageStructSize);
    }
  }

  /** Of one frame; undefined where the memory map has no such. */
  of(frame: number): ShellPage | undefined {
    const { map } = this.#session.pages;
    const address = map.addressOf(frame);
    if (address === undefined) return undefined;
    const bytes = this.#session.kernel.memory.tryRead(address, map.pageStructSize);
    return this.#row(frame, bytes && new DataView(bytes.buffer), 0);
  }

  #row(frame: number, view: DataView | undefined, at: number): ShellPage {
    const { map } = this.#session.pages;
    const row = {
      page: spell(map.addressOf(frame) ?? 0n),
      physical: frame * this.#session.kernel.memory.pageSize,
    };
    if (!view) return row;
    const { flags, mapping, refcount } = this.#layout;
    const word = view.getBigUint64(at + flags, true);
    return {
      ...row,
      content: {
        mapping: view.getBigUint64(at + mapping, true).toString(16),
        index: this.#index === undefined ? '' : view.getBigUint64(at + this.#index, true).toString(16),
        count: view.getInt32(at + refcount, true),
        flags: word.toString(16),
        names: this.#names.flatMap(([bit, name]) => ((word & bit) === 0n ? [] : [name])),
      },
    };
  }
}

/** The flags of struct page, the lowest bit first: of several names for one bit the one that the kernel lists first. */
export function pageFlags({ kernel }: CoreSession): readonly { readonly name: string; readonly bit: number }[] {
  const seen = new Set<bigint>();
  const end = kernel.layouts.enumValue('__NR_PAGEFLAGS') ?? 64n;
  return kernel.layouts.enumValues('pageflags').flatMap(({ name, value }) => {
    if (!name.startsWith('PG_') || value >= end || seen.has(value)) return [];
    seen.add(value);
    return [{ name: name.slice(3), bit: Number(value) }];
  });
}
