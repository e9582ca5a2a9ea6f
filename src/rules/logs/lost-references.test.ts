import { describe, expect, it } from 'vitest';
import type { Finding } from '../../findings/finding.ts';
import type { Complaint } from '../../formats/log/kernel-event.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { lostReferences } from './lost-references.ts';

type Complained = Extract<KernelEvent, { kind: 'complaint' }>;

const complain = (what: Complaint, text: string, more: Partial<Complained> = {}): Complained => ({
  kind: 'complaint',
  what,
  text,
  times: 1,
  at: { kind: 'line', file: 'log', line: 1 },
  ...more,
});
const find = (...events: readonly KernelEvent[]): readonly Finding[] => lostReferences.examine({ events });

describe('lost-reference', () => {
  it('adds page pools up and names the driver heard of last', () => {
    const pool = (id: number): Complained =>
      complain('page-pool-stalled', `page_pool_release_retry() stalled pool shutdown: id ${id}, 64 inflight 60 sec`, {
        count: 64,
        nearDriver: 'foonet',
      });
    const [finding, ...rest] = find(pool(1), pool(2));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ verdict: 'growth', layer: 'page-allocator', objects: 128 });
    expect(finding?.owner).toEqual({ kind: 'driver', name: 'foonet' });
  });

  it('states no number of pages where the kernel’s own counter is broken', () => {
    const [finding] = find(
      complain('page-pool-stalled', 'page_pool_release_retry() stalled pool shutdown -5 inflight'),
    );
    expect(finding).not.toHaveProperty('objects');
    expect(finding?.title).toBe('a page pool cannot close: pages still in flight');
  });

  it('tells devices apart and says what the loopback stands for', () => {
    const wait = (device: string): Complained =>
      complain('netdevice-reference', `unregister_netdevice: waiting for ${device} to become free. Usage count = 3`, {
        count: 3,
      });
    const [lo, veth] = find(wait('lo'), wait('veth12'), wait('lo'));
    expect(lo).toMatchObject({ verdict: 'growth', owner: { name: 'network namespaces' } });
    expect(lo?.evidence[0].text).toContain('2 such lines');
    expect(veth).toMatchObject({ verdict: 'growth', owner: { name: 'network devices' } });
  });

  it('names the file system whose inodes were left', () => {
    const [named] = find(
      complain('busy-inodes', 'VFS: Busy inodes after unmount of foofs. Self-destruct in 5 seconds.'),
    );
    expect(named).toMatchObject({ verdict: 'leak', layer: 'slab-reclaimable', owner: { name: 'foofs' } });
    const [typed] = find(complain('busy-inodes', 'VFS: Busy inodes after unmount of sdb1 (ext4)'));
    expect(typed?.owner?.name).toBe('ext4');
    const [unnamed] = find(complain('busy-inodes', 'VFS: Busy inodes after unmount of %s.'));
    expect(unnamed?.owner?.name).toBe('a file system');
  });

  it('names who mapped memory that a driver left behind, past the kernel’s own mapping functions', () => {
    const [finding] = find(
      complain('pending-dma', 'DMA-API: foo 0000:01:00.0: device driver has pending DMA allocations', {
        count: 1,
        detail: 'One of leaked entries details: [size=4096 bytes] [mapped as coherent]',
        stack: [{ symbol: 'dma_entry_alloc' }, { symbol: 'dma_alloc_attrs' }, { symbol: 'foo_ring', module: 'foo' }],
      }),
    );
    expect(finding).toMatchObject({
      verdict: 'leak',
      layer: 'page-allocator',
      bytes: 4096,
      objects: 1,
      owner: { kind: 'driver', name: 'foo' },
      subject: { function: 'foo_ring' },
    });
  });

  it('tells a page lost to a pool from a page in a bad state', () => {
    const bad = complain('bad-page', 'BUG: Bad page state in process foo  pfn:1a2b3');
    expect(find(bad)).toMatchObject([{ verdict: 'inconclusive', layer: 'none' }]);
    expect(find({ ...bad, detail: 'page dumped because: page_pool leak' })).toMatchObject([{ verdict: 'leak' }]);
  });

  it('explains every kind of complaint, or says nothing, and always shows the line', () => {
    const kinds: readonly Complaint[] = [
      'bad-rss-counter',
      'page-tables-not-freed',
      'refcount-saturated',
      'drm-memory-manager',
      'percpu-exhausted',
      'slab-list-unavailable',
      'socket-memory',
      'route-cache-full',
      'file-table-full',
      'left-behind',
    ];
    for (const what of kinds) {
      const [finding] = find(complain(what, `made up: ${what}`));
      expect(finding?.evidence[0].text).toBe(`made up: ${what}`);
      expect(`${finding?.title} ${finding?.summary}`).not.toMatch(/undefined|NaN| {2}/);
    }
  });
});
