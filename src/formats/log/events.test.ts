import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { dmesg } from './dmesg.ts';
import type { KernelEvent } from './kernel-event.ts';

const events = (text: string): readonly KernelEvent[] => readBlock(dmesg, text, 'dmesg').value.events;
const logged = (...lines: readonly string[]): string =>
  lines.map((text, i) => `[   ${i + 1}.000001] ${text}\n`).join('');

const failure = logged(
  'kworker/2:1: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0',
  'CPU: 2 PID: 911 Comm: kworker/2:1 Not tainted 6.1.0-13-amd64 #1  Debian 6.1.55-1',
  'Call Trace:',
  ' <TASK>',
  ' dump_stack_lvl+0x45/0x5e',
  ' warn_alloc+0x130/0x1b0',
  ' ? __alloc_pages_direct_compact+0x14e/0x240',
  ' foo_alloc_ring+0x58/0xd0 [foo_net]',
  ' </TASK>',
  'Mem-Info:',
  ' free:1000 free_pcp:0 free_cma:0',
);
const remaining = logged(
  '=============================================================================',
  'BUG foo_req (Tainted: G    B      OE     ): Objects remaining in foo_req on __kmem_cache_shutdown()',
  '-----------------------------------------------------------------------------',
  'Slab 0x00000000a1b2c3d4 objects=21 used=3 fp=0x00000000deadbeef flags=0x17ffffc0010200',
  'CPU: 1 PID: 1577 Comm: rmmod Tainted: G    B      OE      5.15.0-91-generic #101-Ubuntu',
  'Call Trace:',
  ' dump_stack_lvl+0x4a/0x63',
  ' __kmem_cache_shutdown+0x18e/0x320',
  ' kmem_cache_destroy+0x51/0x110',
  ' foo_destroy_bufs+0x3e/0x50 [foo]',
  ' cleanup_module+0x4e/0x540 [foo]',
  'Object 0x0000000011111111 @offset=64',
  'Allocated in foo_open+0x24/0x90 [foo] age=8123 cpu=1 pid=1401',
  'Object 0x0000000022222222 @offset=128',
  'kmem_cache_destroy foo_req: Slab cache still has objects when called from foo_destroy_bufs+0x3e/0x50 [foo]',
);

describe('dmesg: allocation failures', () => {
  it('reads order, mode, stack and the report below', () => {
    expect(events(failure)).toMatchObject([
      {
        kind: 'allocation-failure',
        vmalloc: false,
        process: 'kworker/2:1',
        order: 4,
        mode: 'GFP_KERNEL|__GFP_COMP',
        release: '6.1.0-13-amd64',
        stack: [
          { symbol: 'dump_stack_lvl' },
          { symbol: 'warn_alloc' },
          { symbol: 'foo_alloc_ring', module: 'foo_net' },
        ],
      },
    ]);
    const [event] = events(failure);
    expect(event?.kind === 'allocation-failure' && event.report?.amounts.get('MemFree')?.bytes).toBe(4_096_000);
  });

  it('reads the size in all wordings of vmalloc', () => {
    const sizes = events(
      logged(
        'a: vmalloc: allocation failure: 8589934588 bytes, mode:0x14080c0(GFP_KERNEL|__GFP_ZERO), nodemask=(null)',
        'a: vmalloc: allocation failure, allocated 4096 of 12288 bytes, mode:0xcc2(GFP_KERNEL|__GFP_HIGHMEM)',
        'a: vmalloc size 65536 allocation failure: page order 0 allocation failed, mode:0xcc2(GFP_KERNEL)',
        'a: vmalloc error: size 20480, page order 0, failed to allocate pages, mode:0xdc2(GFP_KERNEL)',
        'vmap allocation for size 1052672 failed: use vmalloc=<size> to increase size',
      ),
    ).map((e) => e.kind === 'allocation-failure' && e.vmalloc && e.requested);
    expect(sizes).toEqual([8_589_934_588, 12_288, 65_536, 20_480, 1_052_672]);
  });

  it('reads the stack of 32-bit ARM', () => {
    const [event] = events(
      logged(
        'swapper/0: page allocation failure: order:1, mode:0x204000(GFP_COMP)',
        '[<c010d8f0>] (unwind_backtrace) from [<c010a6c4>] (show_stack+0x10/0x14)',
        '[<c010a6c4>] (show_stack) from [<bf0123ac>] (foo_rx+0x88/0x9c [foo])',
      ),
    );
    expect(event).toMatchObject({
      stack: [{ symbol: 'unwind_backtrace', address: 'c010d8f0' }, { symbol: 'show_stack' }],
    });
  });

  exerciseFormat(dmesg, failure + remaining);
});

describe('dmesg: slab allocators', () => {
  it('folds repeats for one cache of one memory cgroup, with the last figures', () => {
    const once = (slabs: number): readonly string[] => [
      'SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
      '  cache: kmalloc-1024(1793:c8ede), object size: 1024, buffer size: 1024, default order: 3, min order: 0',
      `  node 0: slabs: ${slabs}, objs: 100, free: 0`,
      '  node 1: slabs: 2, objs: 10, free: 1',
    ];
    expect(events(logged(...once(5), ...once(6)))).toEqual([
      {
        kind: 'slub-cannot-allocate',
        at: { kind: 'line', file: 'dmesg', line: 1 },
        uptime: 1.000001,
        cache: 'kmalloc-1024',
        memcg: 'c8ede',
        objectSize: 1024,
        slabs: 8,
        objects: 110,
        free: 1,
        times: 2,
      },
    ]);
  });

  it('reads what SLAB wrote', () => {
    const text = logged(
      'SLAB: Unable to allocate memory on node 0 (gfp=0x8020)',
      '  cache: size-4096, object size: 4096, order: 0',
      '  node 0: slabs: 10/12, objs: 10/12',
    );
    expect(events(text)).toMatchObject([{ cache: 'size-4096', slabs: 12, objects: 12, free: 2 }]);
  });

  it('makes one event of all lines about one cache that was destroyed too early', () => {
    expect(events(remaining)).toEqual([
      {
        kind: 'objects-remaining',
        at: { kind: 'line', file: 'dmesg', line: 2 },
        uptime: 2.000001,
        cache: 'foo_req',
        objects: 3,
        destroyer: { symbol: 'foo_destroy_bufs', module: 'foo' },
        process: 'rmmod',
        allocator: { symbol: 'foo_open' },
      },
    ]);
    expect(events(remaining + remaining)).toHaveLength(2);
  });

  it('finds the destroyer in the trace where no line says it, and reads names cut off', () => {
    const text = logged(
      'BUG kmalloc-256(0:354604) (Tainted: GF           E  ------------  ): Objects remaining in kmalloc-256(0:354604',
      'INFO: Slab 0xffffea0040768800 objects=64 used=33 fp=0xffff88101da23000 flags=0x2fffff00004080',
      'CPU: 5 PID: 68532 Comm: lvremove Tainted: GF   B       E  ------------   3.10.0-514.2.2.el7.x86_64 #1',
      ' [<ffffffff811a1234>] kmem_cache_destroy+0x94/0x190',
      ' [<ffffffffa0123456>] dm_exit+0x1e/0x40 [dm_foo]',
    );
    expect(events(text)).toMatchObject([
      {
        cache: 'kmalloc-256',
        memcg: '354604',
        objects: 33,
        process: 'lvremove',
        destroyer: { symbol: 'dm_exit', module: 'dm_foo' },
      },
    ]);
  });

  it('reads what SLAB says of the same', () => {
    const text = logged(
      "slab error in kmem_cache_destroy(): cache `foo_cache': Can't free all objects",
      'Pid: 1234, comm: rmmod Not tainted 2.6.32-431.el6.x86_64 #1',
    );
    expect(events(text)).toMatchObject([{ kind: 'objects-remaining', cache: 'foo_cache', process: 'rmmod' }]);
  });
});

describe('dmesg: single lines', () => {
  it('reads what kmemleak says of itself', () => {
    const states = events(
      logged(
        'kmemleak: Kernel memory leak detector initialized (mem pool available: 15679)',
        'kmemleak: Early log buffer exceeded (1438), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE',
        'kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE',
        'kmemleak: Cannot allocate a kmemleak_object structure',
        'kmemleak: Kernel memory leak detector disabled',
        'kmemleak: Automatic memory scanning thread started',
        'kmemleak: 12 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
      ),
    ).map((e) => e.kind === 'kmemleak' && [e.state, e.count]);
    expect(states).toEqual([
      ['initialized', undefined],
      ['early-log-exceeded', 1438],
      ['pool-exhausted', undefined],
      ['pool-exhausted', undefined],
      ['disabled', undefined],
      ['suspects', 12],
    ]);
  });

  it('reads what a module left behind when it was unloaded', () => {
    expect(
      events('[    5.000001] fs/foo.c:120 module foo func:foo_open has 4096 allocated at module unload'),
    ).toMatchObject([
      { kind: 'module-unload-leak', module: 'foo', function: 'foo_open', source: 'fs/foo.c:120', bytes: 4096 },
    ]);
  });

  it('reads banners of drivers, not lines about devices', () => {
    const text = logged(
      'Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP',
      'i40e: Intel(R) 40-10 Gigabit Ethernet Connection Network Driver - version 2.3.6',
      'igb: Intel(R) Gigabit Ethernet Network Driver - version 5.4.0-k',
      'e1000e: Intel(R) PRO/1000 Network Driver - 3.2.6-k',
      'bnx2x: QLogic 5771x/578xx 10/20-Gigabit Ethernet Driver bnx2x 1.712.30-0 (2014/02/10)',
      'ZFS: Loaded module v2.1.5-1ubuntu6, ZFS pool version 5000, ZFS filesystem version 5',
      'NVRM: loading NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 21:21:55 UTC 2021',
      'i40e 0000:3b:00.0: fw 5.0.40043 api 1.5 nvm 5.05 driver - version 9.9.9',
    );
    expect(
      events(text).map((e) =>
        e.kind === 'module-version' ? `${e.module} ${e.version}` : e.kind === 'release' && e.release,
      ),
    ).toEqual([
      '6.1.0-13-amd64',
      'i40e 2.3.6',
      'igb 5.4.0-k',
      'e1000e 3.2.6-k',
      'bnx2x 1.712.30-0',
      'zfs 2.1.5-1ubuntu6',
      'nvidia 470.82.01',
    ]);
  });

  it('finds the module that destroyed a cache beyond the kernel’s services, and in old ARM traces', () => {
    const service = logged(
      'kmem_cache_destroy bio-9: Slab cache still has objects',
      'CPU: 5 PID: 38 Comm: foo-ctl Tainted: G    B      OE     5.10.0-14-amd64 #1 Debian 5.10.113-1',
      'Call Trace:',
      ' dump_stack+0x6b/0x83',
      ' kmem_cache_destroy.cold+0x15/0x1a',
      ' bio_put_slab+0x60/0xa0',
      ' bioset_exit+0xb5/0xe0',
      ' foo_stop+0x52/0x160 [foo_snap]',
      ' foo_ioctl+0x2/0x160 [foo_snap]',
    );
    expect(events(service)).toMatchObject([{ destroyer: { symbol: 'foo_stop', module: 'foo_snap' } }]);
    const arm = logged(
      "slab error in kmem_cache_destroy(): cache `foo_flow': Can't free all objects",
      '[<c000f4b4>] (unwind_backtrace+0x0/0xf8) from [<c0086078>] (kmem_cache_destroy+0xb8/0xf8)',
      '[<c0086078>] (kmem_cache_destroy+0xb8/0xf8) from [<bfa906dc>] (foo_fini+0x7c/0xb8 [foo_FLOW])',
      '[<bfa906dc>] (foo_fini+0x7c/0xb8 [foo_FLOW]) from [<c004ff08>] (sys_delete_module+0x13c/0x234)',
      '[<c004ff08>] (sys_delete_module+0x13c/0x234) from [<c0009080>] (ret_fast_syscall+0x0/0x30)',
    );
    expect(events(arm)).toMatchObject([{ destroyer: { symbol: 'foo_fini', module: 'foo_FLOW' } }]);
  });

  it('reads what stands around a complaint: the entry, the trace, the driver heard of last', () => {
    const dma = logged(
      'DMA-API: pci 0000:05:00.0: device driver has pending DMA allocations while released from device [count=1]',
      'One of leaked entries details: [size=4096 bytes] [mapped with DMA_BIDIRECTIONAL] [mapped as coherent]',
      'WARNING: CPU: 0 PID: 25 at kernel/dma/debug.c:853 dma_debug_device_change+0x174/0x1c8',
      'Call trace:',
      ' dma_debug_device_change+0x174/0x1c8',
      'DMA-API: Mapped at:',
      ' dma_entry_alloc+0xa4/0x130',
      ' foo_setup_ring+0x4c/0x1d0 [foo]',
    );
    expect(events(dma)).toMatchObject([
      {
        what: 'pending-dma',
        detail: 'One of leaked entries details: [size=4096 bytes] [mapped with DMA_BIDIRECTIONAL] [mapped as coherent]',
        stack: [{ symbol: 'dma_entry_alloc' }, { symbol: 'foo_setup_ring', module: 'foo' }],
      },
    ]);
    const pool = logged(
      'foonet 30be0000.ethernet eth0: Link is Up - 1Gbps/Full - flow control rx/tx',
      'page_pool_release_retry() stalled pool shutdown -1783494730 inflight 1451031 sec',
      'page_pool_release_retry(): eth0 stalled pool shutdown: id 4, 9 inflight 60 sec',
      'page_pool_release_retry(): eth0 stalled pool shutdown: id 5, 9 inflight 60 sec',
    );
    expect(events(pool).map((e) => e.kind === 'complaint' && [e.count, e.times, e.nearDriver])).toEqual([
      [undefined, 1, 'foonet'],
      [9, 1, 'foonet'],
      [9, 1, 'foonet'],
    ]);
  });

  it('collects complaints, those alike folded', () => {
    const text = logged(
      'unregister_netdevice: waiting for lo to become free. Usage count = 1',
      'unregister_netdevice: waiting for lo to become free. Usage count = 2',
      'page_pool_release_retry() stalled pool shutdown: id 37, 12 inflight 60 sec',
      'page_pool_release_retry() stalled pool shutdown 3 inflight 60 sec',
      'BUG: Bad page state in process kswapd0  pfn:1a2b3',
      'BUG: Bad rss-counter state mm:00000000abcdef type:MM_ANONPAGES val:17',
      'VFS: Busy inodes after unmount of sdb1. Self-destruct in 5 seconds.  Have a nice day...',
      'DMA-API: foo 0000:01:00.0: device driver has pending DMA allocations while released from device [count=7]',
      'refcount_t: saturated; leaking memory.',
      '[drm:drm_mm_takedown [drm]] *ERROR* Memory manager not clean during takedown.',
      'page_owner is disabled',
      'BUG: Dentry 00000000a1b2c3d4{i=12f,n=x}  still in use (2) [unmount of cifs cifs]',
      "remove_proc_entry: removing non-empty directory '/proc/foo', leaking at least 'bar'",
      'TCP: optmem leakage (128 bytes) detected.',
    );
    expect(events(text).map((e) => e.kind === 'complaint' && [e.what, e.count, e.times])).toEqual([
      ['netdevice-reference', 2, 2],
      ['page-pool-stalled', 12, 1],
      ['page-pool-stalled', 3, 1],
      ['bad-page', undefined, 1],
      ['bad-rss-counter', 17, 1],
      ['busy-inodes', undefined, 1],
      ['pending-dma', 7, 1],
      ['refcount-saturated', undefined, 1],
      ['drm-memory-manager', undefined, 1],
      ['page-owner-disabled', undefined, 1],
      ['busy-inodes', 2, 1],
      ['left-behind', undefined, 1],
      ['left-behind', 128, 1],
    ]);
  });

  it('reads a line of a megabyte in good time', () => {
    for (const filler of ['a', ' ', '1 ', 'a:', '12kB ', '[', '0x1+', 'x: driver '])
      expect(
        readBlock(
          dmesg,
          `[    1.000001] Mem-Info:\n[    1.000002] ${filler.repeat(1_000_000 / filler.length)}\n${filler.repeat(1_000_000 / filler.length)}\n`,
        ).problems,
      ).toEqual([]);
  }, 10_000);
});
