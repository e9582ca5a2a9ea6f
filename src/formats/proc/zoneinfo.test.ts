import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { zoneinfo } from './zoneinfo.ts';

const real = fixture('proc/zoneinfo/6.1-slub.txt');

describe('zoneinfo', () => {
  it('reads a real capture whole', () => {
    const lines = cleanLines(real.trimEnd());
    expect(zoneinfo.claim(lines, 0)).toBe(lines.length);
    const { value, problems } = readBlock(zoneinfo, real);
    expect(problems).toEqual([]);
    expect(value.find((zone) => zone.name === 'DMA')).toMatchObject({ present: 3998, managed: 3840, cpus: 2 });
  });

  it('reads one of Linux 6.18 with its new lines whole', () => {
    const text = fixture('proc/zoneinfo/6.18-two-cpus.txt');
    const lines = cleanLines(text.trimEnd());
    expect(zoneinfo.claim(lines, 0)).toBe(lines.length);
    expect(readBlock(zoneinfo, text).problems).toEqual([]);
  });

  it('adds up the lists of all CPUs, the hot and cold ones of old kernels too', () => {
    const text = `Node 0, zone   Normal
  pages free     900
        present  1000
  pagesets
    cpu: 0 pcp: 0
              count: 70
              high:  186
    cpu: 0 pcp: 1
              count: 5
  all_unreclaimable: 0`;
    expect(readBlock(zoneinfo, text).value).toMatchObject([{ free: 900, present: 1000, perCpu: 75, cpus: 2 }]);
  });

  it('leaves a zone without such lines without amounts, not with zeros', () => {
    const [zone] = readBlock(zoneinfo, 'Node 1, zone  Movable\n  pages free     0\n').value;
    expect(zone).toEqual({ node: 1, name: 'Movable', free: 0, cpus: 0, at: { kind: 'line', file: 'input', line: 1 } });
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(zoneinfo, 'Node 0, zone DMA\n  pages free 1\n  managed 3x\n    count: 1', 'f');
    expect(problems).toEqual([{ problem: 'zoneinfo: unreadable line', at: { kind: 'line', file: 'f', line: 3 } }]);
  });

  it('ends where a zone comes again', () => {
    const zone = 'Node 0, zone DMA\n  pages free 1\n';
    expect(zoneinfo.claim(cleanLines(zone + zone), 0)).toBe(2);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(fc.nat(1e6), { minLength: 1 }), (free, managed, counts) => {
        const text = `Node 0, zone Normal\n  pages free ${free}\n        managed ${managed}\n  pagesets\n${counts
          .map((count, cpu) => `    cpu: ${cpu}\n              count: ${count}\n              high:  0`)
          .join('\n')}`;
        const sum = counts.reduce((a, b) => a + b);
        expect(readBlock(zoneinfo, text).value).toMatchObject([{ free, managed, perCpu: sum, cpus: counts.length }]);
      }),
    );
  });

  exerciseFormat(zoneinfo, real);
});
