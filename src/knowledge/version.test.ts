import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, kernelWithin, programWithin, sameVersion } from './version.ts';

/** True where `a` is older, asked both ways. */
const older = (a: string, b: string): boolean => (compareVersions(a, b) ?? 0) < 0 && (compareVersions(b, a) ?? 0) > 0;

describe('versions', () => {
  it('are ordered by number, not by letter', () => {
    expect(older('2.2.4', '2.3.6')).toBe(true);
    expect(older('7.19.7', '7.19.10')).toBe(true);
    expect(older('4.9.337', '4.14.0-v7+')).toBe(true);
    expect(older('6.9', '6.12.107+deb13-amd64')).toBe(true);
  });

  it('put release candidates before the release', () => {
    expect(older('5.10.0-rc7', '5.10.0')).toBe(true);
    expect(older('5.10-rc2', '5.10-rc7')).toBe(true);
    expect(older('5.9.16', '5.10.0-rc1')).toBe(true);
    expect(compareVersions('4.15.0-rc7-v7+', '4.15-rc7')).toBe(0);
  });

  it('let build numbers decide between equal versions', () => {
    expect(older('3.10.0-514.el7', '3.10.0-514.2.2.el7.x86_64')).toBe(true);
    expect(older('3.10.0-693.17.1.el7', '3.10.0-1062.el7')).toBe(true);
    expect(older('3.16.1', '3.16.1-14.el6')).toBe(true);
    expect(sameVersion('7.19.7-37.el6_4', '7.19.7')).toBe(true);
  });

  it('ignore words behind the number', () => {
    expect(compareVersions('4.14.0-v7+', '4.14.0')).toBe(0);
    expect(compareVersions('v2.3.6', '2.3.6')).toBe(0);
    expect(compareVersions('5.4', '5.4.0')).toBe(0);
    expect(older('1.0.2', '1.0.2k')).toBe(true);
    expect(compareVersions('1:7.88.1-10+deb12u5', '7.88.1-10')).toBe(0);
  });

  it('are undefined where there is none', () => {
    expect(compareVersions('unknown', '1.0')).toBeUndefined();
    expect(compareVersions('1.0', '')).toBeUndefined();
    expect(compareVersions('1'.repeat(100_000), '1')).toBeUndefined();
  });

  it('never throw and compare both ways alike', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const there = compareVersions(a, b);
        const back = compareVersions(b, a);
        expect(there === undefined ? undefined : Math.sign(there) + 0).toBe(
          back === undefined ? undefined : 0 - Math.sign(back),
        );
      }),
    );
  });
});

describe('kernel ranges', () => {
  const series = { from: '4.19', before: '4.19.65' };

  it('hold from the first bad release to before the first good one', () => {
    expect(kernelWithin('4.19.64-v7+', series)).toBe('yes');
    expect(kernelWithin('4.19.65-v7+', series)).toBe('no');
    expect(kernelWithin('4.18.20', series)).toBe('no');
  });

  it('are unknown where a distribution hides the patch level', () => {
    expect(kernelWithin('4.19.0-12-amd64', series)).toBe('unknown');
    expect(kernelWithin('4.20.0-1-amd64', series)).toBe('no');
    expect(kernelWithin('4.15.0-112-generic', { before: '4.15.3' })).toBe('unknown');
    expect(kernelWithin('4.15.0-112-generic', { before: '4.17' })).toBe('yes');
  });

  it('say nothing about kernels with back-ports unless they name them', () => {
    expect(kernelWithin('4.18.0-80.el8.x86_64', { from: '4.17', before: '4.20' })).toBe('unknown');
    expect(kernelWithin('5.14.21-150400.24.63-default', { before: '5.15' })).toBe('unknown');
    const el7 = { flavour: '\\.el7', before: '3.10.0-1075' };
    expect(kernelWithin('3.10.0-514.el7.x86_64', el7)).toBe('yes');
    expect(kernelWithin('3.10.0-1160.el7.x86_64', el7)).toBe('no');
    expect(kernelWithin('6.1.0-18-amd64', el7)).toBe('no');
  });

  it('are unknown for what is no release', () => {
    expect(kernelWithin('', series)).toBe('unknown');
    expect(kernelWithin('#1 SMP', series)).toBe('unknown');
  });
});

describe('program ranges', () => {
  it('take exact versions without the build number', () => {
    expect(programWithin('2.3.6', { name: 'i40e', only: ['2.3.6'] })).toBe('yes');
    expect(programWithin('2.2.4', { name: 'i40e', only: ['2.3.6'] })).toBe('no');
    expect(programWithin('7.19.7-37.el6', { name: 'curl', only: ['7.19.7'] })).toBe('yes');
  });

  it('take any version where none is named', () => {
    expect(programWithin('', { name: 'pppd' })).toBe('yes');
    expect(programWithin('', { name: 'pppd', before: '2.5' })).toBe('unknown');
  });

  it('hold between bounds', () => {
    expect(programWithin('3.44.0-4.el7', { name: 'nss', before: '3.52' })).toBe('yes');
    expect(programWithin('3.52', { name: 'nss', before: '3.52' })).toBe('no');
    expect(programWithin('7.1.1', { name: 'rocm', from: '7.1', before: '7.2' })).toBe('yes');
  });
});
