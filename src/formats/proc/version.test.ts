import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { version } from './version.ts';

const real = fixture('proc/version/6.1-slub.txt');

describe('version', () => {
  it('reads real captures', () => {
    expect(readBlock(version, real).value.release).toBe('6.1.0-54-cloud-amd64');
    expect(readBlock(version, fixture('proc/version/6.1-arm64.txt')).value.release).toBe('6.1.192');
  });

  it.each([
    [
      'Linux node7 3.10.0-957.el7.x86_64 #1 SMP Thu Nov 8 23:39:32 UTC 2018 x86_64 x86_64 x86_64 GNU/Linux',
      '3.10.0-957.el7.x86_64',
      'x86_64',
    ],
    ['Linux pi 5.10.63-v7l+ #1459 SMP Wed Oct 6 16:41:57 BST 2021 armv7l GNU/Linux', '5.10.63-v7l+', 'armv7l'],
    ['Linux OpenWrt 5.15.134 #0 SMP Mon Oct 9 21:45:35 2023 mips GNU/Linux', '5.15.134', 'mips'],
    ['Linux alpine 6.6.7-0-lts #1-Alpine SMP PREEMPT_DYNAMIC Thu Dec 14 2023 x86_64 Linux', '6.6.7-0-lts', 'x86_64'],
  ])('reads uname -a: %s', (text, release, machine) => {
    expect(readBlock(version, text).value).toMatchObject({ release, machine });
  });

  it('reads the answer to uname -r, and no bare number elsewhere', () => {
    expect(readBlock(version, '# uname -r\n4.18.0-553.el8_10.aarch64\n').value).toMatchObject({ machine: 'aarch64' });
    expect(version.claim(cleanLines('# curl --version\n7.19.7\n'), 1)).toBe(0);
  });

  it('leaves the banner in a kernel log to the log', () => {
    expect(version.claim(cleanLines(`[    0.000000] ${real}`), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), fc.stringMatching(/^[a-z0-9.-]{0,12}$/), (major, minor, rest) => {
        const release = `${major}.${minor}.0-${rest}`;
        expect(readBlock(version, `Linux version ${release} (a@b) (gcc) #1 SMP`).value.release).toBe(release);
      }),
    );
  });

  exerciseFormat(version, real);
});
