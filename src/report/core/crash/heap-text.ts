import type { ShellCache, ShellPage, ShellSlab } from '../../../findings/core/shell-heap.ts';
import { escapeTerminal } from '../../escape.ts';

const CACHES = 'CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n';
const SLAB = '  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE\n';
const PAGES = '      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS\n';

const right = (value: number | string, width: number): string => String(value).padStart(width);

export function renderCaches(caches: readonly ShellCache[]): readonly string[] {
  const rows = caches.map(({ address, name, objectSize, allocated, total, slabs, slabBytes }) =>
    [
      address,
      right(objectSize, 9),
      right(allocated, 11),
      right(total, 10),
      right(slabs, 7),
      right(`${slabBytes / 1024}k`, 7),
      `  ${escapeTerminal(name)}\n`,
    ].join(''),
  );
  return [CACHES, ...rows];
}

const MARKS = { allocated: ['  [', ']'], free: ['   ', ''], unknown: ['  ?', ''] } as const;

export function renderSlab({ slab, memory, node, total, allocated, objects }: ShellSlab): readonly string[] {
  const unknown = objects.some(({ state }) => state === 'unknown') ? ' / ?UNKNOWN' : '';
  const row = `  ${slab ?? ' '.repeat(16)}  ${memory}${right(node ?? '-', 6)}${right(total, 7)}${right(allocated, 11)}`;
  const lines = objects.map(({ address, state }) => `${MARKS[state][0]}${address}${MARKS[state][1]}\n`);
  return [SLAB, `${row}${right(total - allocated, 6)}\n`, `  FREE / [ALLOCATED]${unknown}\n`, lines.join('')];
}

export function* renderPages(pages: Iterable<ShellPage>): Generator<string> {
  yield PAGES;
  for (const { page, physical, content } of pages) {
    const head = `${page} ${right(physical.toString(16), 8)}`;
    if (!content) {
      yield `${head}  (the struct page is not in the dump)\n`;
      continue;
    }
    const { mapping, index, count, flags, names } = content;
    yield (
      `${head} ${right(mapping, 16)} ${right(index, 8)} ${right(count, 2)} ${flags} ${names.join(',')}`.trimEnd() + '\n'
    );
  }
}
