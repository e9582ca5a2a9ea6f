import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MadeHost } from '../../../testkit/made-host.ts';
import { scratch } from '../../../testkit/read-input.ts';
import { measureAccounting } from '../../analysis/accounting.ts';
import { bytes } from '../../base/units.ts';
import { collect } from '../collect.ts';
import { HostSampler } from './host-sampler.ts';

const folder = scratch();
const capture = new URL('../../../fixtures/captures/page-allocator-leak/end', import.meta.url).pathname;

describe('a sample of a host', { timeout: 60_000 }, () => {
  it('is what diagnose makes of the same files', async () => {
    const host = new MadeHost(join(folder, 'same'), 'page-allocator-leak/end');
    const { sample, problems } = await new HostSampler({ root: host.root, cacheThreshold: bytes(0) }).sample();
    const { snapshots } = await collect(
      ['meminfo', 'vmstat', 'zoneinfo', 'slabinfo', 'uptime'].map((f) => join(capture, f)),
    );
    const [snapshot] = snapshots;
    const accounted = snapshot && measureAccounting(snapshot);
    expect(accounted?.state).toBe('measured');
    if (accounted?.state !== 'measured') return;
    const { buckets, unexplained, total } = accounted.value;
    expect(sample.totalBytes).toBe(total.bytes);
    expect(sample.unexplained).toBe(unexplained);
    expect([...sample.buckets]).toEqual(buckets.map((b) => [b.name, b.bytes]));
    expect(sample.caches.length).toBeGreaterThan(80);
    expect(sample.caches.find((c) => c.name === 'dentry')).toMatchObject({
      bytes: snapshot?.caches?.caches.find((c) => c.name === 'dentry')?.bytes,
    });
    expect(sample.boot).toBe('boot-1');
    expect(problems).toEqual([]);
  });

  it('leaves small caches out, and keeps one that was large once', async () => {
    const host = new MadeHost(join(folder, 'small'), 'sequence-file/end');
    const sampler = new HostSampler({ root: host.root, cacheThreshold: bytes(2 ** 19) });
    const names = (await sampler.sample()).sample.caches.map((c) => c.name);
    expect(names).toContain('kmalloc-cg-32');
    host.become('sequence-file/start');
    const after = (await sampler.sample()).sample.caches;
    expect(after.map((c) => c.name)).toContain('kmalloc-cg-32');
    expect(after.find((c) => c.name === 'kmalloc-cg-32')?.bytes).toBeLessThan(2 ** 19);
  });

  it('goes on without what cannot be read, and says so; without meminfo it is refused in a line', async () => {
    const host = new MadeHost(join(folder, 'lacking'));
    rmSync(join(host.root, 'proc/slabinfo'));
    const { sample, problems } = await new HostSampler({ root: host.root }).sample();
    expect(sample.caches).toEqual([]);
    expect(problems).toEqual([{ what: '/proc/slabinfo', why: 'no such file (it gives every slab cache)' }]);
    rmSync(join(host.root, 'proc/meminfo'));
    await expect(new HostSampler({ root: join(folder, 'nothing') }).sample()).rejects.toThrow(
      /^this host: [^\n]+; mount/,
    );
  });

  it('says that a container’s view is one', async () => {
    const host = new MadeHost(join(folder, 'container'));
    host.write('proc/meminfo', LXCFS);
    const { sample, problems } = await new HostSampler({ root: host.root }).sample();
    expect(sample.unexplained).toBeUndefined();
    expect(problems.map((p) => p.why).join()).toContain('container’s view');
  });

  it.skipIf(process.platform !== 'linux')('of this very host adds up to its memory', async () => {
    const { sample } = await new HostSampler({ processes: 1 }).sample();
    const sum = [...sample.buckets.values()].reduce((a, b) => a + b, 0) + (sample.unexplained ?? 0);
    expect(Math.abs(sum / sample.totalBytes - 1)).toBeLessThan(0.05);
    expect(sample.processes.length).toBeGreaterThan(0);
  });
});

/** Of a container of lxcfs: the slab fields are 0, KReclaimable is the host's. */
const LXCFS = `MemTotal:        524288 kB
MemFree:         262144 kB
MemAvailable:    393216 kB
Buffers:              0 kB
Cached:          131072 kB
SwapCached:           0 kB
Active:           65536 kB
Inactive:        131072 kB
Active(anon):     65536 kB
Inactive(anon):   65536 kB
Active(file):         0 kB
Inactive(file):   65536 kB
Unevictable:          0 kB
AnonPages:       900000 kB
Shmem:             1024 kB
KReclaimable:    700000 kB
Slab:                 0 kB
SReclaimable:         0 kB
SUnreclaim:           0 kB
`;
