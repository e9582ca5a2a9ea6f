import { expect, it } from 'vitest';
import { fixture } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import { dmesg } from '../../formats/log/dmesg.ts';
import { meminfo } from '../../formats/proc/meminfo.ts';
import { cleanLines } from '../../formats/text/line.ts';
import type { SnapshotPart } from '../snapshot.ts';
import { gatherLog } from './log.ts';

const gather = (text: string): SnapshotPart => gatherLog(splitBlocks([dmesg], cleanLines(text), 'dmesg').sightings);

it('contributes the counters and the slab table of the last report, known to be unreclaimable and not whole', () => {
  const part = gather(fixture('log/dmesg/6.8-oom.txt'));
  expect(part.events).toHaveLength(1);
  expect(part.host).toEqual({ release: '6.8.0-31-generic' });
  expect(part.counters?.get('SUnreclaim')?.bytes).toBe(kibibytes(2_800_000));
  expect(part.caches).toMatchObject({
    whole: false,
    caches: [{ name: 'foo_rx_desc', bytes: kibibytes(2_600_100), reclaimable: false, copies: 1 }, {}, {}],
  });
});

it('keeps the counters of a past report away from a meminfo of now', () => {
  const text = `${fixture('log/dmesg/6.8-oom.txt')}MemTotal:  4000 kB\nMemFree:  400 kB\n`;
  const part = gatherLog(splitBlocks([dmesg, meminfo], cleanLines(text), 'both').sightings);
  expect(part.events).toHaveLength(1);
  expect(part).not.toHaveProperty('counters');
});

it('names drivers by the banners they print', () => {
  expect(gather('[    1.000001] i40e: Intel(R) Network Driver - version 2.3.6').programs).toMatchObject([
    { kind: 'module', name: 'i40e', version: '2.3.6' },
  ]);
});

it('contributes nothing of a log in which nothing is said about memory', () => {
  expect(gather('[    1.000001] usb 1-1: new device')).toEqual({});
});
