import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { driverVersions } from './driver-versions.ts';

const capture = fixture('tools/driver-versions/6.18.txt');

describe('versions of drivers', () => {
  it('are read from a real capture, interfaces’ drivers among them', () => {
    const { value, problems } = readBlock(driverVersions, capture);
    expect(problems).toEqual([]);
    expect(value.programs.map((p) => `${p.name} ${p.version}`)).toEqual(
      expect.arrayContaining(['bridge 2.3', 'vsock 1.0.2.0-k', 'virtio_net ']),
    );
  });

  it('name a driver once, with the version that it states', () => {
    const text =
      '/sys/module/i40e/version:2.3.6\n/sys/class/net/eth0/device/driver -> ../../../bus/pci/drivers/i40e\n/sys/class/net/eth1/device/driver -> i40e\n';
    expect(readBlock(driverVersions, text).value.programs).toMatchObject([
      { kind: 'module', name: 'i40e', version: '2.3.6' },
    ]);
  });

  exerciseFormat(driverVersions, capture);
});
