import { PAGE_KINDS, type PageKind } from '../../model/kernel/page-kinds.ts';
import type { PageState } from '../../model/memory/physical-memory.ts';
import type { CoreSession } from './session.ts';

/** One page frame of the machine. */
export interface PageFrame {
  readonly frame: number;
  /** Physical address. */
  readonly physical: number;
  readonly use: PageKind;
  /** What the dump has of it. */
  readonly state: PageState;
}

/** Every frame that the memory map describes, in order; holes are left out. */
export function* walkPages({ refinedPages: pages, kernel, dump }: CoreSession): Generator<PageFrame> {
  const { pageSize } = kernel.memory;
  const { physical } = dump;
  for (const [frame, kind] of pages.census.kinds.entries()) {
    const use = PAGE_KINDS[kind] ?? 'absent';
    if (use === 'absent') continue;
    const at = frame * pageSize;
    yield { frame, physical: at, use, state: physical.state(Math.floor(at / physical.pageSize)) };
  }
}
