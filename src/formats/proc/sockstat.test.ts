import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { sockstat } from './sockstat.ts';

const real = fixture('proc/sockstat/6.18.txt');

describe('sockstat', () => {
  it('reads a real capture whole', () => {
    const { value, problems } = readBlock(sockstat, real);
    expect(problems).toEqual([]);
    expect(value.used?.count).toBe(Number(/used (\d+)/.exec(real)?.[1]));
    expect(value.tcpMemory?.pages).toBe(Number(/mem (\d+)/.exec(real)?.[1]));
    expect(sockstat.claim(cleanLines(real), 0)).toBe(real.trim().split('\n').length);
  });

  it('reads the TCP line alone', () => {
    expect(readBlock(sockstat, 'TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 83').value).not.toHaveProperty('used');
  });

  it('says where a line is torn', () => {
    const { value, problems } = readBlock(sockstat, 'sockets: used 9\nTCP: inuse 1 orphan 0 tw', 'f');
    expect(value).not.toHaveProperty('tcpMemory');
    expect(problems).toEqual([{ problem: 'sockstat: unreadable line', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (used, mem) => {
        const { value } = readBlock(sockstat, `sockets: used ${used}\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem ${mem}\n`);
        expect([value.used?.count, value.tcpMemory?.pages]).toEqual([used, mem]);
      }),
    );
  });

  exerciseFormat(sockstat, real);
});
