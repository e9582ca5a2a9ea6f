import type { Frame } from '../model/snapshot.ts';
import { bareName } from './call-site-plumbing.ts';

/** Folders under drivers/ that hold many drivers, one or few files each: there the file's name is the driver's. */
const CLASSES = new Set(
  `accessibility ata block bluetooth bus busses can char class clk clocksource connector cpufreq cpuidle crypto dma edac extcon
  firmware function gadget gpio hid host hwmon i2c i3c ieee802154 iio input joystick keyboard leds legacy mailbox mdio media memory mfd
  misc mmc mouse mtd mux net nvmem parport phy pinctrl platform pnp power pps ptp pwm regulator remoteproc reset rtc scsi serial
  slimbus soc soundwire spi storage supply tablet target thermal touchscreen tty tuners udc udp uio usb vhost video virt virtio w1
  watchdog wireless x86 xen arm arm64 intel usbip musb roles typec fbdev i2c-core core slip ppp team hamradio fddi rc dvb-frontends`.split(
    /\s+/,
  ),
);

/** Where a folder's name is not what people call it. */
const FOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^drivers\/base\//, 'driver core'],
  [/^drivers\/usb\/core\//, 'usb core'],
  [/^drivers\/tty\/[^/]+$|^drivers\/tty\/vt\//, 'tty'],
  [/^drivers\/md\/dm-/, 'device mapper'],
  [/^fs\/(?:smb\/client|cifs)\//, 'smb client'],
  [/^fs\/(?:smb\/server|ksmbd)\//, 'ksmbd'],
  [/^fs\/[^/]+$/, 'vfs'],
  [/^net\/core\//, 'network core'],
  [/^net\/socket\.c$/, 'sockets'],
  [/^net\/[^/]+$/, 'network core'],
  [/^kernel\/(?:bpf)\//, 'bpf'],
  [/^kernel\/trace\//, 'tracing'],
  [/^kernel\/events\//, 'perf'],
  [/^kernel\/(?:module\/|module\.c|params\.c)/, 'modules'],
  [/^kernel\/fork\.c/, 'processes'],
  [/^kernel\/[^/]+$/, 'kernel core'],
  [/^block\//, 'block layer'],
  [/^mm\/(?:shmem)\.c/, 'shared memory'],
  [/^mm\/(?:filemap|readahead)\.c/, 'page cache'],
  [/^mm\//, 'memory management'],
  [/^(?:virt|arch\/[^/]+)\/kvm\//, 'kvm'],
  [/^arch\//, 'architecture code'],
  [/^init\//, 'boot'],
  [/^lib\//, 'library'],
  [/^security\/[^/]+$/, 'security'],
  [/^sound\//, 'sound'],
];

/** Prefixes of functions where the report has neither module nor source. */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^(?:alloc_)?tty_|^alloc_tty_struct|^pt[my]\w*_/, 'tty'],
  [/^(?:__)?(?:bio|blk|blkdev|bdev|disk|blkcg)_|^submit_bio/, 'block layer'],
  [/^(?:ext4|jbd2)_/, 'ext4'],
  [/^(?:cifs|smb2|smb3|SMB2|SMB3)_/, 'smb client'],
  [/^(?:nfs|nfs3|nfs4)_/, 'nfs'],
  [/^ovl_/, 'overlayfs'],
  [/^(?:fat|vfat|msdos)_/, 'fat'],
  [/^ieee80211_/, 'mac80211'],
  [/^(?:cfg80211|nl80211)_/, 'cfg80211'],
  [/(?:^|_)ipv6_|^(?:ip6|inet6|ndisc|addrconf|fib6|mld|tcp_v6|udpv6|rawv6|icmpv6)_/, 'ipv6'],
  [/^(?:tcp)_/, 'tcp'],
  [/^(?:udp)_/, 'udp'],
  [/^(?:ip|inet|fib|icmp|igmp|arp|raw|ipv4|do_ip)_/, 'ipv4'],
  [/^(?:nf|nft|xt|ipt|ip6t|ebt|nf_tables)_/, 'netfilter'],
  [/^(?:netlink|genl|rtnl|rtnetlink)_/, 'netlink'],
  [/^(?:unix)_/, 'unix sockets'],
  [/^(?:skb|neigh|napi|netdev|dst|gro|qdisc)_|^__netif_/, 'network core'],
  [/^(?:__)?(?:sock|sk)_|^sockfs_/, 'sockets'],
  [/^(?:__)?(?:bpf|btf)_|^(?:htab|array|trie|prog_array|dev|cpu|queue_stack|ringbuf)_map_|^map_create$/, 'bpf'],
  [/^(?:perf|ring_buffer)_/, 'perf'],
  [/^(?:trace|ftrace|tracing|event_trace)_/, 'tracing'],
  [/^(?:cgroup|mem_cgroup|memcg|css)_/, 'cgroups'],
  [/^(?:seq|proc|pde)_/, 'proc'],
  [/module_kobject|^(?:load_module|layout_and_allocate|module_add_driver)$/, 'modules'],
  [/^(?:__)?(?:kobject|sysfs|kernfs|kset)_/, 'sysfs'],
  [/^(?:__)?debugfs_/, 'debugfs'],
  [/^(?:drm|drmm)_/, 'drm'],
  [/^(?:selinux|avc|sel|ebitmap|policydb|cond|sidtab)_/, 'selinux'],
  [/^(?:apparmor|aa)_/, 'apparmor'],
  [/^(?:security|lsm)_/, 'security'],
  [/^snd_/, 'sound'],
  [/^usb_/, 'usb core'],
  [/^(?:driver|device|bus|class|platform)_/, 'driver core'],
  [
    /^(?:new_inode|alloc_inode|iget|sget|d_alloc|__d_alloc|alloc_file|alloc_empty_file|vfs_|path_|do_dentry|simple_|mnt_|alloc_vfsmnt|alloc_super)/,
    'vfs',
  ],
  [
    /^(?:do_anonymous_page|wp_page_copy|do_swap_page|do_cow_fault|alloc_anon_folio|do_huge_pmd|anon_vma|folio_prealloc|alloc_zeroed_user_highpage)/,
    'process memory',
  ],
  [/^kernel_init|^do_(?:one_)?initcall/, 'boot'],
  [/^shmem_/, 'shared memory'],
  [/^(?:__)?(?:filemap|page_cache|pagecache|readahead)_|^grow_|^alloc_buffer_head|^alloc_page_buffers/, 'page cache'],
  [/^(?:__)?(?:pte|pmd|pud|p4d|pgd)_alloc/, 'page tables'],
  [
    /^(?:dup_task_struct|alloc_thread_stack|copy_process|dup_mm|mm_alloc|vm_area_dup|vm_area_alloc|alloc_pid)/,
    'processes',
  ],
];

/** Beginnings of names that say what is done, not who does it. */
const VERBS = new Set(
  'do get set put new add del alloc free init exit create destroy register unregister load open read write sys x64 x86 arm64 ia32 kernel core dev vfs generic simple handle process run call start stop wait try lookup find insert copy setup prepare build test common probe really request module'.split(
    ' ',
  ),
);

/** The part of the kernel that a frame without module belongs to; undefined where nothing tells. */
export function subsystemOf(frame: Frame, outer: readonly Frame[]): string | undefined {
  const name = bareName(frame.symbol);
  return fromSource(frame.source) ?? PREFIXES.find(([shape]) => shape.test(name))?.[1] ?? fromName(name, outer);
}

function fromSource(source: string | undefined): string | undefined {
  const path =
    /(?:^|\/)((?:drivers|fs|net|kernel|block|mm|sound|security|crypto|lib|ipc|io_uring|arch|virt|init|samples|rust)\/[^:]*)(?::|$)/.exec(
      source ?? '',
    )?.[1];
  if (path === undefined) return undefined;
  const known = FOLDERS.find(([shape]) => shape.test(path));
  if (known) return known[1];
  const parts = path.split('/');
  const file = (parts.at(-1) ?? '').replace(/\.\w+$/, '');
  const folder = parts.at(-2) ?? '';
  if (parts[0] === 'drivers') return CLASSES.has(folder) ? file : folder;
  return parts.length > 2 ? parts[1] : parts[0];
}

/** `ftgmac100_poll`: drivers begin their names alike. A digit in it tells one by itself, else another frame has to. */
function fromName(name: string, outer: readonly Frame[]): string | undefined {
  const prefix = /^_{0,3}([A-Za-z][A-Za-z0-9]{1,20})_/.exec(name)?.[1];
  if (prefix === undefined || VERBS.has(prefix)) return undefined;
  const shared = outer.some(
    ({ symbol }) => symbol.replace(/^_+/, '').startsWith(`${prefix}_`) && bareName(symbol) !== name,
  );
  return shared || /\d/.test(prefix) ? prefix : undefined;
}
