import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dmesgLines } from '../../sources/live/kmsg.ts';
import { cleanLines } from '../text/line.ts';
import { parseKmemleakObject } from './kmemleak-object.ts';

const records = readFileSync(new URL('../../../fixtures/detectors/kmemleak/6.1-dump.kmsg', import.meta.url), 'utf8');
const log = dmesgLines(records);
const ADDRESS = '0xffff9f6500a01000';

describe('an object that kmemleak logged', () => {
  it('is read with its counts, flags and stack', () => {
    const object = parseKmemleakObject(cleanLines(log), ADDRESS);
    expect(object).toMatchObject({ address: ADDRESS, size: 32, comm: 'drive', pid: 72, minCount: 1, count: 0 });
    expect(object?.flags).toEqual(['allocated', 'reported']);
    expect(object?.stack.map(({ symbol }) => symbol).slice(2, 5)).toEqual([
      'kmalloc_trace',
      'single_open',
      'testmod_open',
    ]);
    expect(object?.stack).toHaveLength(16);
  });

  it('is the last of those with its address, and no other', () => {
    const later = log.replace('count = 0', 'count = 2');
    expect(parseKmemleakObject(cleanLines(log + later), ADDRESS)?.count).toBe(2);
    expect(parseKmemleakObject(cleanLines(log), '0xffff9f6500a01040')).toBeUndefined();
    expect(parseKmemleakObject([], ADDRESS)).toBeUndefined();
  });

  it('is read as far as it goes where the log is cut anywhere', () => {
    const from = log.indexOf('kmemleak: Object');
    for (let length = from; length < log.length; length += 7) {
      const object = parseKmemleakObject(cleanLines(log.slice(0, length)), ADDRESS);
      expect(object?.stack.length ?? 0).toBeLessThanOrEqual(16);
    }
  });
});
