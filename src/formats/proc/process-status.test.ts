import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { processStatus } from './process-status.ts';

const real = fixture('proc/process-status/6.18-bash.txt');

describe('process status', () => {
  it('reads a real capture whole', () => {
    const lines = cleanLines(real.trimEnd());
    expect(processStatus.claim(lines, 0)).toBe(lines.length);
    const { value, problems } = readBlock(processStatus, real);
    expect(problems).toEqual([]);
    expect(value.name).toBe('bash');
    expect(value.rss).toBe(kibibytes(Number(/VmRSS:\s+(\d+)/.exec(real)?.[1])));
  });

  it('gives a kernel thread no amounts', () => {
    const { value } = readBlock(processStatus, 'Name:\tkthreadd\nState:\tS (sleeping)\nPid:\t2\nThreads:\t1');
    expect(value).toEqual({ name: 'kthreadd', pid: 2, at: { kind: 'line', file: 'input', line: 1 } });
  });

  it('ends before the next process and before a meminfo', () => {
    const one = 'Name:\tx\nState:\tS\nVmRSS:\t 4 kB\n';
    expect(processStatus.claim(cleanLines(one + one), 0)).toBe(3);
    expect(processStatus.claim(cleanLines(`${one}MemTotal:  1 kB`), 0)).toBe(3);
  });

  it('leaves other lists with names alone', () => {
    expect(processStatus.claim(cleanLines('Name: curl\nVersion: 7.19.7\nArchitecture: x86_64'), 0)).toBe(0);
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(processStatus, 'Name:\tx\nState:\tS\nVmRSS:\t x kB', 'f');
    expect(problems).toEqual([
      { problem: 'process-status: unreadable line', at: { kind: 'line', file: 'f', line: 3 } },
    ]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(4194304), fc.nat(), fc.nat(), (pid, rss, shmem) => {
        const text = `Name:\tx y\nState:\tS\nPid:\t${pid}\nVmRSS:\t${rss} kB\nRssShmem:\t${shmem} kB`;
        expect(readBlock(processStatus, text).value).toMatchObject({
          name: 'x y',
          pid,
          rss: rss * 1024,
          shmem: shmem * 1024,
        });
      }),
    );
  });

  exerciseFormat(processStatus, real);
});
