import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { stamp } from './stamp.ts';

const at = (text: string): string | undefined => {
  const { epochSeconds } = readBlock(stamp, text).value;
  return epochSeconds === undefined ? undefined : new Date(epochSeconds * 1000).toISOString();
};

describe('stamp', () => {
  it.each([
    ['zzz ***Wed Jun 29 10:24:15 CEST 2022', '2022-06-29T08:24:15.000Z'],
    ['zzz ***Wed Jun 29 10:24:15 UTC 2022 Sample interval: 30 secs', '2022-06-29T10:24:15.000Z'],
    ['zzz <04/15/2020 10:00:03> Count:1', '2020-04-15T10:00:03.000Z'],
    ['Mon Aug  4 04:00:02 MSK 2025', '2025-08-04T01:00:02.000Z'],
    ['Mon Aug  4 04:00:02 PM MSK 2025', '2025-08-04T13:00:02.000Z'],
    ['Mon Aug  4 04:00:02 2025', '2025-08-04T04:00:02.000Z'],
    ['Mon 04 Aug 2025 12:00:02 AM EDT', '2025-08-04T04:00:02.000Z'],
    ['Mon  4 Aug 04:00:02 BST 2025', '2025-08-04T03:00:02.000Z'],
    ['Mon, 04 Aug 2025 04:00:02 +0530', '2025-08-03T22:30:02.000Z'],
    ['Mon Aug  4 04:00:02 XYZ 2025', '2025-08-04T04:00:02.000Z'],
    ['2025-08-04T04:00:02+02:00', '2025-08-04T02:00:02.000Z'],
    ['2025-08-04 04:00:02.123', '2025-08-04T04:00:02.000Z'],
    ['=== 2025-08-04_04-00 ===', '2025-08-04T04:00:00.000Z'],
    ['# date: 2025-08-04 04:00:02', '2025-08-04T04:00:02.000Z'],
  ])('reads %j', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    [' 11:28:15 up 10 min,  1 user,  load average: 0,28, 0,40, 0,27', 600],
    [' 13:54:04 up  2:36,  1 user,  load average: 1.15, 0.51, 0.52', 9360],
    ['13:54:04 up 3 days,  4:05, 12 users,  load average: 1.15, 0.51, 0.52', 3 * 86_400 + 14_700],
    ['up 1 day, 3 min,  0 users,  load average: 1.15, 0.51, 0.52', 86_580],
    ['up 1 min,', 60],
    ['up 2 hours, 5 minutes', 7500],
  ])('reads the time up of %j', (text, expected) => {
    expect(readBlock(stamp, text).value.uptimeSeconds).toBe(expected);
  });

  it('joins a date with the uptime right behind it, and no more', () => {
    const lines = cleanLines(
      'Mon Aug  4 04:00:02 UTC 2025\n 04:00:02 up 10 min,  1 user,  load average: 0.1, 0.1, 0.1\nMon Aug  4 04:01:02 UTC 2025',
    );
    expect([stamp.claim(lines, 0), stamp.claim(lines, 2)]).toEqual([2, 1]);
    expect(stamp.parse(lines.slice(0, 2), 'f').value).toEqual({
      epochSeconds: 1_754_280_002,
      uptimeSeconds: 600,
      text: 'Mon Aug  4 04:00:02 UTC 2025',
    });
  });

  it('leaves dates within other text alone', () => {
    for (const line of [
      'Aug  4 04:00:02 host kernel: x',
      '2025-08-04 04:00:02 host service[1]: started',
      'up to 10 min, they said',
      'set up 3 days ago',
      '1.2.3',
      '04:00',
      'Mon Aug 44 04:00:02 UTC 2025',
    ]) {
      expect(stamp.claim(cleanLines(line), 0)).toBe(0);
    }
  });

  it('reads back every second that was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (n) => {
        expect(readBlock(stamp, new Date(n * 1000).toISOString()).value.epochSeconds).toBe(n);
      }),
    );
  });

  exerciseFormat(
    stamp,
    'zzz ***Wed Jun 29 10:24:15 CEST 2022\nMon Aug  4 04:00:02 UTC 2025\n 04:00:02 up 10 min,  1 user,  load average: 0.1, 0.1, 0.1\n',
  );
});
