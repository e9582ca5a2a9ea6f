import { describe, expect, it } from 'vitest';
import { textFormats } from '../../formats/catalog.ts';
import { cleanLines } from '../../formats/text/line.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import { MomentCollector } from './moments.ts';

const slab = (kib: number): string => `Slab: ${kib + 500} kB\nSReclaimable: 500 kB\nSUnreclaim: ${kib} kB\n`;
const FIRST = 'Fri  7 Feb 09:15:30 GMT 2020';
const SECOND = 'Fri  7 Feb 10:15:30 GMT 2020';
const HOUR = 3600;

/** Time and SUnreclaim in KiB of every moment, the times counted from FIRST. */
function momentsOf(...files: readonly string[]): readonly (readonly [time: number | undefined, kib: number])[] {
  const collector = new MomentCollector();
  for (const [i, text] of files.entries())
    for (const s of splitBlocks(textFormats, cleanLines(text), `f${i}`).sightings) collector.add(`f${i}`, '', s);
  return collector.finish().map(({ time, counters }) => {
    const held = counters.get('SUnreclaim')?.bytes ?? 0;
    return [time && time.seconds - Date.UTC(2020, 1, 7, 9, 15, 30) / 1000, held / 1024];
  });
}

describe('moments of a text', () => {
  it('gives a reading the time stamp before it', () => {
    expect(momentsOf(`${FIRST}\n${slab(100)}\n${SECOND}\n${slab(900)}`)).toEqual([
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('gives a reading the time stamp behind it where the text begins with a reading and ends with a stamp', () => {
    expect(momentsOf(`${slab(100)}${FIRST}\n\n${slab(900)}${SECOND}\n`)).toEqual([
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('takes the only stamp for the reading before it where nothing follows', () => {
    expect(momentsOf(`${slab(100)}${SECOND}\n`)).toEqual([[HOUR, 100]]);
  });

  it('leaves a reading before all stamps without a time where the last stamp has its reading', () => {
    expect(momentsOf(`${slab(50)}\n${FIRST}\n${slab(100)}\n${SECOND}\n${slab(900)}`)).toEqual([
      [undefined, 50],
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('lets no stamp of one file reach the reading of another', () => {
    expect(momentsOf(slab(100), `${FIRST}\n`)[0]).toEqual([undefined, 100]);
  });
});
