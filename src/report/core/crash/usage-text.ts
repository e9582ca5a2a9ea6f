import type { ShellMemoryUsage } from '../../../findings/core/shell-machine.ts';

const UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [2 ** 30, 'GB'],
  [2 ** 20, 'MB'],
  [2 ** 10, 'KB'],
];

/** `121.2 MB`, `64 MB`, `20 KB`: as crash spells sizes. */
export function spellSize(bytes: number): string {
  const unit = UNITS.find(([size]) => bytes >= size);
  if (!unit) return String(bytes);
  return `${(bytes / unit[0]).toFixed(1).replace(/\.0$/, '')} ${unit[1]}`;
}

/** The table of crash's `kmem -i`. What the dump does not tell is a dash. */
export function renderUsage(usage: ShellMemoryUsage): readonly string[] {
  const { pageSize, total, hugeTotal, swapTotal, commitLimit } = usage;
  const row = (name: string, bytes: number | undefined, of?: number, whole?: string): string => {
    const pages = bytes === undefined ? '-' : String(Math.round(bytes / pageSize));
    const size = bytes === undefined ? '-' : spellSize(bytes);
    const share = bytes === undefined || of === undefined || of === 0 ? 0 : Math.floor((100 * bytes) / of);
    const last = whole === undefined ? '         ----' : `${String(share).padStart(5)}% of ${whole}`;
    return `${name.padStart(13)}${pages.padStart(9)}${size.padStart(13)}${last}\n`;
  };
  const used = total === undefined || usage.free === undefined ? undefined : total - usage.free;
  const swapUsed = swapTotal === undefined || usage.swapFree === undefined ? undefined : swapTotal - usage.swapFree;
  const ofMemory = (name: string, bytes: number | undefined): string => row(name, bytes, total, 'TOTAL MEM');
  return [
    '                 PAGES        TOTAL      PERCENTAGE\n',
    row('TOTAL MEM', total),
    ofMemory('FREE', usage.free),
    ofMemory('USED', used),
    ofMemory('SHARED', usage.shared),
    ofMemory('BUFFERS', usage.buffers),
    ofMemory('CACHED', usage.cached),
    ofMemory('SLAB', usage.slab),
    '\n',
    row('TOTAL HUGE', hugeTotal),
    row('HUGE FREE', usage.hugeFree, hugeTotal, 'TOTAL HUGE'),
    '\n',
    row('TOTAL SWAP', swapTotal),
    row('SWAP USED', swapUsed, swapTotal, 'TOTAL SWAP'),
    row('SWAP FREE', usage.swapFree, swapTotal, 'TOTAL SWAP'),
    '\n',
    row('COMMIT LIMIT', commitLimit),
    row('COMMITTED', usage.committed, commitLimit, 'TOTAL LIMIT'),
  ];
}
