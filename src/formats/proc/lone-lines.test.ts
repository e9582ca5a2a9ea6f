import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { cmdline } from './cmdline.ts';
import { dentryState } from './dentry-state.ts';
import { loadavg } from './loadavg.ts';
import { pssSum } from './pss-sum.ts';
import { statm } from './statm.ts';
import { uptime } from './uptime.ts';
import { zramMmStat } from './zram-mm-stat.ts';

const lone = {
  'dentry-state': { format: dentryState, line: fixture('proc/dentry-state/6.18.txt').trim() },
  loadavg: { format: loadavg, line: fixture('proc/loadavg/6.1-slub.txt').trim() },
  uptime: { format: uptime, line: fixture('proc/uptime/6.1-slub.txt').trim() },
  cmdline: { format: cmdline, line: 'BOOT_IMAGE=/vmlinuz-6.1.0 root=/dev/vda1 ro page_owner=on quiet' },
} as const;

describe('formats of one line that only its shape tells', () => {
  it.each(Object.entries(lone).filter(([name]) => name !== 'dentry-state'))(
    '%s is read where it stands alone or is named, not inside other text',
    (name, { format, line }) => {
      const claims = (text: string, at: number): number => format.claim(cleanLines(text), at);
      expect(claims(`${line}\n`, 0)).toBe(1);
      expect(claims(`a\nb\nc\nd\n$ cat /proc/${name}\n${line}\n`, 5)).toBe(1);
      expect(claims(`a\nb\nc\nd\n==> /proc/sys/fs/${name} <==\n${line}\n`, 5)).toBe(1);
      expect(claims(`a\nb\nc\nd\n${line}\n`, 4)).toBe(0);
      expect(claims(`a\nb\nc\nd\n$ cat /proc/meminfo\n${line}\n`, 5)).toBe(0);
      expect(format.claim(cleanLines(line, 500), 0)).toBe(0);
    },
  );

  it('reads real captures', () => {
    expect(readBlock(uptime, '27.60 27.59\n').value).toMatchObject({ sinceBoot: 27.6, idle: 27.59 });
    expect(readBlock(loadavg, '0.42 0.10 0.03 1/55 273\n').value).toMatchObject({
      averages: [0.42, 0.1, 0.03],
      tasks: 55,
    });
    expect(readBlock(cmdline, lone.cmdline.line).value.parameters).toContain('page_owner=on');
  });

  exerciseFormat(uptime, lone.uptime.line);
  exerciseFormat(loadavg, lone.loadavg.line);
  exerciseFormat(cmdline, lone.cmdline.line);
});

describe('dentry-state', () => {
  it('reads the file and its line in sysctl -a', () => {
    const numbers = { dentries: 63415, unused: 61958, fifth: 12656 };
    expect(readBlock(dentryState, '63415\t61958\t45\t0\t12656\t0\n').value).toMatchObject(numbers);
    const listed = 'fs.aio-nr = 0\nfs.dentry-state = 63415\t61958\t45\t0\t12656\t0\nfs.file-max = 9\n';
    expect(readBlock(dentryState, listed).value).toMatchObject(numbers);
  });

  it('is told by the age limit of 45 in a longer text; six other numbers only where they stand alone', () => {
    const claims = (line: string): number => dentryState.claim(cleanLines(`a\nb\nc\nd\n${line}\ne\n`), 4);
    expect(claims('891204  880121  45      0       861002  0')).toBe(1);
    for (const line of [
      '891204 880121 44 0 861002 0',
      '880121 891204 45 0 0 0',
      '891204 880121 45 0 861002 7',
      '12 3 45 0 0 0',
    ])
      expect(claims(line)).toBe(0);
    expect(dentryState.claim(cleanLines('891204 880121 30 0 861002 0\n'), 0)).toBe(1);
  });

  it('has no count where the kernel printed one below zero', () => {
    const { value, problems } = readBlock(dentryState, '1000 -20 45 0 0 0');
    expect(value).not.toHaveProperty('unused');
    expect(problems).toHaveLength(1);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (dentries, unused, fifth) => {
        const text = `${dentries}\t${unused}\t45\t0\t${fifth}\t0\n`;
        expect(readBlock(dentryState, text).value).toMatchObject({ dentries, unused, fifth });
      }),
    );
  });

  exerciseFormat(dentryState, lone['dentry-state'].line);
});

describe('statm', () => {
  const real = fixture('proc/statm/6.18-bash.txt');

  it('reads a real capture', () => {
    const [size, resident, shared] = real.split(' ').map(Number);
    expect(readBlock(statm, real).value).toMatchObject({ size, resident, shared });
  });

  it('leaves seven numbers that cannot be one alone, and more or fewer numbers', () => {
    for (const text of ['87123 1234 0 0 0 0 0', '1 2 3 4 5 6 7', '9 8 7 6 0 5', '9 8 7 6 0 5 0 0', `${real}${real}`])
      expect(statm.claim(cleanLines(text), 0)).toBe(0);
  });

  exerciseFormat(statm, real);
});

describe('a bare number', () => {
  it('is taken for a sum of PSS where it is the whole input', () => {
    expect(readBlock(pssSum, '2456789\n').value.pss).toBe(kibibytes(2_456_789));
    for (const text of ['2456789\n2456790', 'PSS\n2456789', '60\n', '2456789 kB'])
      expect(cleanLines(text).some((_, at) => pssSum.claim(cleanLines(text), at) > 0)).toBe(false);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1e12 - 1 }), (kib) => {
        expect(readBlock(pssSum, `${kib}\n`).value.pss).toBe(kib * 1024);
      }),
    );
  });

  exerciseFormat(pssSum, '2456789\n');
});

describe('mm_stat of zram', () => {
  const line = '  4096000   123456   262144        0   327680       12        0        3        9';

  it('is read where it stands alone or is named', () => {
    expect(readBlock(zramMmStat, line).value).toMatchObject({
      original: 4_096_000,
      compressed: 123_456,
      used: 262_144,
    });
    const named = 'x\nx\nx\nx\n# cat /sys/block/zram0/mm_stat\n 8192 74 12288 0 12288 0 0';
    expect(readBlock(zramMmStat, named).value.used).toBe(12_288);
  });

  it('is not seen in other rows of numbers', () => {
    for (const text of ['1 2 3 4 5 6 7 8', '732 442 413 6 0 89 0', '0 0 0 0 0 0 0 0'])
      expect(zramMmStat.claim(cleanLines(text), 0)).toBe(0);
  });

  exerciseFormat(zramMmStat, line);
});
