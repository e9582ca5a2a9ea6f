import { describe, expect, it } from 'vitest';
import { parseFrame } from '../formats/detectors/frame.ts';
import { measureCallSite } from './call-site.ts';

/** A stack written the way the kernel prints it, innermost first: `kmalloc_trace`, `foo [mod]`, `bar fs/x.c:1 [inline]`. */
const siteOf = (...frames: readonly string[]): ReturnType<typeof measureCallSite> =>
  measureCallSite(frames.map((text) => parseFrame(text) ?? { symbol: 'unreadable' }));

const DETECTOR = ['create_object', 'kmemleak_alloc', 'slab_post_alloc_hook'];

describe('measureCallSite', () => {
  it('names the function that opened a sequence file, not single_open', () => {
    const frames = [
      ...DETECTOR,
      '__kmem_cache_alloc_node',
      'kmalloc_trace',
      'single_open',
      'tm_open [seqleak]',
      'proc_reg_open',
      'do_dentry_open',
      'vfs_open',
      'path_openat',
    ];
    expect(siteOf(...frames)).toMatchObject({
      function: 'tm_open',
      module: 'seqleak',
      callers: ['proc_reg_open', 'do_dentry_open', 'vfs_open'],
    });
    expect(siteOf(...frames)).not.toHaveProperty('passedOn');
    expect(siteOf(...frames)).not.toHaveProperty('subsystem');
  });

  it('names who asked a vendor’s own allocator, a core object’s constructor, or a manager of buffers', () => {
    expect(
      siteOf('__kmalloc', 'kmalloc [foo_core]', 'generic_alloc [foo_core]', 'rkmalloc [foo_core]', 'bar_dump [bar]'),
    ).toMatchObject({ function: 'bar_dump', module: 'bar' });
    expect(siteOf('__kmalloc', '_rtw_zmalloc [8812au]', 'rtw_alloc_hwxmits [8812au]')).toMatchObject({
      function: 'rtw_alloc_hwxmits',
    });
    expect(siteOf('kmem_cache_alloc', 'sk_prot_alloc', 'sk_alloc', 'foo_sk_alloc')).toMatchObject({
      function: 'foo_sk_alloc',
    });
    expect(siteOf('kmem_cache_alloc', 'prepare_creds', 'foo_set_security')).toMatchObject({
      function: 'foo_set_security',
    });
    expect(siteOf('dma_alloc_attrs', 'ttm_dma_populate [ttm]', 'foo_ttm_populate [foodrm]')).toMatchObject({
      function: 'foo_ttm_populate',
      module: 'foodrm',
    });
  });

  it('names who allocated a network buffer, and that it is handed on', () => {
    expect(
      siteOf(
        'kmem_cache_alloc',
        '__build_skb',
        '__netdev_alloc_skb',
        'ieee80211_send_bar [mac80211]',
        'driver_tx_complete [driver]',
      ),
    ).toMatchObject({
      function: 'ieee80211_send_bar',
      module: 'mac80211',
      passedOn: true,
      callers: ['driver_tx_complete'],
    });
    expect(siteOf('__alloc_skb', 'skb_segment', 'tcp_gso_segment')).toMatchObject({
      function: 'skb_segment',
      passedOn: true,
    });
    expect(siteOf('bio_alloc_bioset', 'bio_copy_user_iov', 'blk_rq_map_user_iov')).toMatchObject({
      function: 'bio_copy_user_iov',
      subsystem: 'block layer',
      callers: ['blk_rq_map_user_iov'],
      passedOn: true,
    });
  });

  it('counts inlined functions as the one they were inlined into', () => {
    const site = siteOf(
      'kmalloc include/linux/slab.h:557 [inline]',
      'usb_alloc_urb+0x66/0xe0 drivers/usb/core/urb.c:74',
      'ath9k_hif_usb_alloc_tx_urbs drivers/net/wireless/ath/ath9k/hif_usb.c:829 [inline]',
      'ath9k_hif_usb_alloc_urbs+0x148/0x640 drivers/net/wireless/ath/ath9k/hif_usb.c:1008',
      'request_firmware_work_func+0x47/0x90 drivers/base/firmware_loader/main.c:1079',
      'process_one_work+0x27d/0x590 kernel/workqueue.c:2272',
    );
    expect(site).toMatchObject({ function: 'ath9k_hif_usb_alloc_urbs', subsystem: 'ath9k', passedOn: true });
    expect(site.callers).toEqual(['request_firmware_work_func']);
    expect(
      siteOf(
        'kzalloc_noprof include/linux/slab.h:1094 [inline]',
        'lookup_or_create_module_kobject kernel/params.c:774 [inline]',
        'lookup_or_create_module_kobject+0x57/0x110 kernel/params.c:764',
        'module_add_driver+0x13c/0x1e0 drivers/base/module.c:46',
      ),
    ).toMatchObject({
      function: 'lookup_or_create_module_kobject',
      subsystem: 'modules',
      callers: ['module_add_driver'],
    });
  });

  it('takes compiler suffixes off, the allocation profile’s too', () => {
    expect(siteOf('sock_kmalloc', 'do_ipv6_setsockopt.isra.7', 'ipv6_setsockopt')).toMatchObject({
      function: 'do_ipv6_setsockopt',
      subsystem: 'ipv6',
    });
    expect(siteOf('__kmalloc_noprof', 'kmemdup_noprof.part.0.constprop.3', 'foo.cold')).toMatchObject({
      function: 'foo',
    });
  });

  it('keeps the callers that say what was asked for', () => {
    expect(
      siteOf(
        '__kmalloc',
        'pcpu_mem_zalloc',
        'pcpu_create_chunk',
        'pcpu_alloc',
        '__alloc_percpu_gfp',
        'htab_map_alloc',
        'map_create',
        '__x64_sys_bpf',
        'do_syscall_64',
      ),
    ).toMatchObject({ function: 'htab_map_alloc', subsystem: 'bpf', callers: ['map_create', '__x64_sys_bpf'] });
  });

  it('stays with a core function that builds its own kind of object', () => {
    expect(siteOf('kmalloc_trace', 'alloc_tty_struct', 'tty_init_dev', 'ptmx_open', 'chrdev_open')).toMatchObject({
      function: 'alloc_tty_struct',
      subsystem: 'tty',
      callers: ['tty_init_dev', 'ptmx_open', 'chrdev_open'],
    });
  });

  it('names the module that asked a service of the core, else the service', () => {
    expect(
      siteOf('kstrdup', 'kobject_set_name_vargs', 'dev_set_name', 'device_create', 'foo_probe [foo]'),
    ).toMatchObject({
      function: 'foo_probe',
      module: 'foo',
    });
    expect(siteOf('__kmalloc', 'drmm_mutex_init [drm]', 'foo_bind [foo]')).toMatchObject({ function: 'foo_bind' });
    expect(siteOf('__kmalloc', 'drmm_mutex_init [drm]')).toMatchObject({ function: 'drmm_mutex_init', module: 'drm' });
    expect(
      siteOf('kmem_cache_alloc', 'alloc_inode', 'new_inode_pseudo', 'new_inode', 'debugfs_get_inode'),
    ).toMatchObject({
      function: 'new_inode_pseudo',
      subsystem: 'vfs',
    });
  });

  it('takes the outermost where all is plumbing, and the address where there is no name', () => {
    expect(siteOf('kmem_cache_alloc', '__build_skb')).toMatchObject({ function: '__build_skb', passedOn: true });
    expect(siteOf('ida_pre_get', '0x3f017d58', '0x3f02156c', 'platform_drv_probe')).toMatchObject({
      function: '0x3f017d58',
      callers: ['0x3f02156c', 'platform_drv_probe'],
    });
    expect(measureCallSite([{ symbol: '' }])).toMatchObject({ function: 'unknown', callers: [] });
    expect(measureCallSite([])).toMatchObject({ function: 'unknown' });
  });

  it.each([
    ['foo drivers/net/ieee802154/atusb.c:362', 'atusb'],
    ['foo drivers/net/ethernet/intel/i40e/i40e_txrx.c:1', 'i40e'],
    ['foo fs/jfs/jfs_metapage.c:176', 'jfs'],
    ['foo fs/smb/client/fs_context.c:629', 'smb client'],
    ['foo net/ipv6/ipv6_sockglue.c:483', 'ipv6'],
    ['foo net/netfilter/x_tables.c:1', 'netfilter'],
    ['foo /build/linux-6.1/kernel/bpf/syscall.c:1', 'bpf'],
    ['foo mm/mempool.c:638', 'memory management'],
    ['foo block/bio.c:12', 'block layer'],
    ['foo arch/x86/kvm/mmu/mmu.c:12', 'kvm'],
    ['foo drivers/tty/tty_io.c:12', 'tty'],
    ['smb3_fs_context_dup', 'smb client'],
    ['ext4_ext_map_blocks', 'ext4'],
    ['cfg80211_vendor_cmd_reply', 'cfg80211'],
    ['pte_alloc_one', 'page tables'],
    ['wp_page_copy', 'process memory'],
    ['shmem_get_folio', 'shared memory'],
    ['ftgmac100_poll', 'ftgmac100'],
    ['get_random_thing', undefined],
  ])('places %s', (frame, subsystem) => {
    expect(siteOf(frame).subsystem).toBe(subsystem);
  });

  it('places a driver by the beginning that its functions share', () => {
    expect(siteOf('__kmalloc', 'atusb_probe', 'atusb_start')).toMatchObject({ subsystem: 'atusb' });
    expect(siteOf('__kmalloc', 'atusb_probe', 'really_probe')).not.toHaveProperty('subsystem');
  });
});
