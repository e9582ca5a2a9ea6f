import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import { bytes, isQuantity } from '../../base/units.ts';
import type { Finding, Owner } from '../../findings/finding.ts';
import type { Frame, KernelEvent } from '../../model/snapshot.ts';

type Complained = Extract<KernelEvent, { kind: 'complaint' }>;

/** A finding but for its evidence, which is the line itself. */
export type Explained = Omit<Finding, 'id' | 'evidence'>;

/** What complaints of one kind mean. Undefined where the line alone says nothing about lost memory. */
export function explainComplaint(group: readonly Complained[], first: Complained): Explained | undefined {
  switch (first.what) {
    case 'page-pool-stalled':
      return pagePool(group, first);
    case 'netdevice-reference':
      return netDevice(first);
    case 'busy-inodes':
      return busyInodes(group, first);
    case 'pending-dma':
      return pendingDma(first);
    case 'refcount-saturated':
      return saturated(first);
    case 'bad-page':
      return badPage(group);
    case 'page-tables-not-freed':
      return pageTables(group);
    case 'bad-rss-counter':
      return rssCounter(first);
    case 'drm-memory-manager':
      return graphics();
    case 'route-cache-full':
      return routes(first);
    case 'slab-list-unavailable':
      return slabExcess();
    case 'left-behind':
      return leftBehind(first);
    case 'percpu-exhausted':
      return full('per-CPU memory ran out', 'percpu', 'grep Percpu /proc/meminfo; grep memory /proc/cgroups', [
        'per-CPU memory',
      ]);
    case 'socket-memory':
      return full('TCP ran out of the memory it may use for sockets', 'none', 'cat /proc/net/sockstat; ss -tanm', []);
    case 'file-table-full':
      return full('the table of open files is full', 'user', 'cat /proc/sys/fs/file-nr; lsof -n | wc -l', []);
    case 'gpu-memory-pinned':
    case 'page-owner-disabled':
      return undefined;
  }
}

/** Names of checkers and of the services through which everybody maps or counts: they are not who did it. */
const NOT_WHO =
  /^(?:dump_\w+|show_stack|walk_stackframe|__warn|report_bug|refcount_\w+|__refcount_\w+|kref_\w+|dma_\w+|__dma_\w+|dmam_\w+|debug_dma_\w+|add_dma_entry|pci_alloc_consistent|iommu_\w+|bad_page\w*|free_unref_\w+|free_pages\w*|free_page\w*|__free_\w+|free_tail_\w+|free_large_\w+|put_page\w*|__put_page|__?folio_put\w*|folios_put\w*|release_pages|panic|fixup_bug|handle_bug|exc_\w+|asm_exc_\w+|do_error_trap|do_invalid_op|invalid_op)(?:\.\w+)*$/;

const whoOf = (stack: readonly Frame[] | undefined): Frame | undefined =>
  stack?.find(({ symbol }) => symbol !== '' && !NOT_WHO.test(symbol));

const spellFrame = ({ symbol, module }: Frame): string => `${symbol}${module === undefined ? '' : ` [${module}]`}`;

function ownerOf(frame: Frame | undefined): { owner?: Owner; subject?: { function: string } } {
  if (!frame) return {};
  return {
    subject: { function: frame.symbol },
    ...(frame.module === undefined
      ? {}
      : { owner: { kind: 'module', name: frame.module, function: frame.symbol } as const }),
  };
}

function pagePool(group: readonly Complained[], first: Complained): Explained {
  const pages = group.reduce((n, e) => n + (e.count ?? 0), 0);
  const driver = first.nearDriver;
  const held = pages > 0 ? `${spellThings(pages, 'page')} ` : 'pages ';
  const pools = group.length > 1 ? `${spellCount(group.length)} page pools` : 'a page pool';
  const whose = driver === undefined ? ' of a network driver' : ` (last driver heard of in the log: ${driver})`;
  return {
    title: `${pools} cannot close: ${held}still in flight${driver === undefined ? '' : `, probably of ${driver}`}`,
    summary: `A network interface was reset or removed, and ${pools}${whose} cannot close because ${held}never came back (page_pool stalled): the driver lost them, or a socket or program still holds the packets.`,
    verdict: 'growth',
    layer: 'page-allocator',
    confidence: 0.75,
    ...(pages > 0 ? { objects: pages } : {}),
    ...(driver === undefined
      ? { owner: { kind: 'subsystem', name: 'page_pool' } as const }
      : { owner: { kind: 'driver', name: driver } as const }),
    next: [
      {
        command: "ss -tanp | awk '$2 > 0'; netstat -tanp | awk '$2 > 0'",
        why: 'programs with unread packets (Recv-Q) hold pages of the pool: restart them; where there are none the driver leaks',
        risk: 'none',
      },
      {
        command: 'ls -l /sys/class/net/*/device/driver; ethtool -i eth0',
        why: 'which driver, which version',
        risk: 'none',
      },
    ],
    terms: ['page allocator', 'skb'],
  };
}

function netDevice(first: Complained): Explained {
  const device = /waiting for (\S+) to become free/.exec(first.text)?.[1] ?? 'a device';
  const lo = device === 'lo';
  const count = first.count === undefined ? '' : `, ${spellThings(first.count, 'reference')} left`;
  return {
    title: `network device ${device} cannot be removed${count}: a reference on it was not dropped`,
    summary: `The kernel waits for network device ${device} to become free${count}: somebody took a reference on it (route, socket, neighbour) and did not drop it${lo ? '; the loopback of a container goes with its whole network namespace, so each one stays in memory' : ''}.`,
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: first.times > 1 ? 0.8 : 0.7,
    ...(first.count === undefined ? {} : { objects: first.count }),
    owner: { kind: 'subsystem', name: lo ? 'network namespaces' : 'network devices' },
    next: [
      {
        command: 'lsns -t net; ls /proc/*/ns/net | wc -l; dmesg | grep -c unregister_netdevice',
        why: 'namespaces that processes hold, and whether the line still comes; where it ends by itself nothing was lost',
        risk: 'none',
      },
      {
        command: 'zgrep NET_DEV_REFCNT_TRACKER /proc/config.gz',
        why: 'a kernel from 5.17 on built with it prints who holds the reference',
        risk: 'none',
      },
    ],
    terms: ['reference count'],
  };
}

function busyInodes(group: readonly Complained[], first: Complained): Explained {
  const texts = group.map((e) => e.text);
  const fs = texts
    .map((t) => /after unmount of (\S+?)\.?(?: \((\w[\w.-]*)\))?(?=[\s.]|$)|\[unmount of (\S+)/.exec(t))
    .map((m) => m?.[2] ?? m?.[3] ?? m?.[1])
    .find((name) => name !== undefined && /^\w[\w.:-]*$/.test(name));
  const of = fs === undefined ? 'a file system' : fs;
  return {
    title: `inodes of ${of} were in use when it was unmounted: references to them are never dropped`,
    summary:
      `The file system ${fs ?? ''} was unmounted while inodes or dentries of it were still referenced: whoever took these references did not drop them, and the kernel gives the objects up.`.replace(
        '  ',
        ' ',
      ),
    verdict: 'leak',
    layer: 'slab-reclaimable',
    confidence: 0.8,
    ...(first.count === undefined ? {} : { objects: first.count }),
    owner: { kind: 'subsystem', name: of },
    next: [
      {
        command: `dmesg | grep -E 'Busy inodes|still in use'; uname -r`,
        why: 'which file system, how often, on which kernel: a missing iput() or dput() in the file system or in a module above it',
        risk: 'none',
      },
    ],
    terms: ['dentry', 'reference count'],
  };
}

function pendingDma(first: Complained): Explained {
  const who = whoOf(first.stack);
  const [, driver, device] = /DMA-API: (\S+) (\S+): /.exec(first.text) ?? [];
  const named = driver === undefined || ['pci', 'platform', 'usb', 'device'].includes(driver) ? undefined : driver;
  const count = first.count === undefined ? 'DMA memory' : `${spellThings(first.count, 'DMA allocation')}`;
  const size = Number(/\[size=(\d{1,15}) bytes\]/.exec(first.detail ?? '')?.[1]);
  const by = who ? `, made by ${spellFrame(who)}` : '';
  const where = device === undefined ? 'A device' : `Device ${device}`;
  return {
    title: `${count} left behind by the driver of ${device ?? 'a device'}${by}`,
    summary: `${where} was released from its driver${named === undefined ? '' : ` ${named}`} with ${count} not given back${by}${isQuantity(size) ? `; ${first.count === 1 ? 'it' : 'one of them'} has ${spellBytes(size)}` : ''}.`,
    verdict: 'leak',
    layer: 'page-allocator',
    confidence: 0.88,
    ...(first.count === undefined ? {} : { objects: first.count }),
    ...(isQuantity(size) && first.count === 1 ? { bytes: bytes(size) } : {}),
    ...ownerOf(who),
    ...(named === undefined ? {} : { owner: { kind: 'driver', name: named } as const }),
    next: [
      {
        command: `grep -rn 'dma_alloc_coherent\\|dma_map_\\|dma_free_coherent' .`,
        why: 'in the source of the driver: what its probe takes, its remove and its error paths must give back',
        risk: 'none',
      },
    ],
    terms: ['page allocator'],
  };
}

function saturated(first: Complained): Explained {
  const who = whoOf(first.stack);
  return {
    title: `a reference count went wrong and the kernel keeps the object for good${who ? `, seen in ${spellFrame(who)}` : ''}`,
    summary: `A reference count overflowed or fell to zero in the wrong place${who ? ` in ${spellFrame(who)}` : ''}; to be safe the kernel never frees the object (refcount_t: leaking memory).`,
    verdict: 'leak',
    layer: 'slab-unreclaimable',
    confidence: 0.75,
    ...ownerOf(who),
    next: [
      {
        command: "dmesg | grep -A 40 'refcount_t:'",
        why: 'the call trace names who took or dropped the reference; the fault is an unbalanced get or put of that object',
        risk: 'none',
      },
    ],
    terms: ['reference count'],
  };
}

function badPage(group: readonly Complained[]): Explained {
  const lost = group.find((e) => /page_pool leak/.test(e.detail ?? ''));
  const who = whoOf((lost ?? group[0])?.stack);
  if (lost)
    return {
      title: `a page was freed while a page pool still counted it${who ? `, in ${spellFrame(who)}` : ''}`,
      summary: `A page that belongs to a network page pool was freed behind the pool's back (bad page state, page_pool leak)${who ? `, in ${spellFrame(who)}` : ''}: the pool waits for it for ever.`,
      verdict: 'leak',
      layer: 'page-allocator',
      confidence: 0.8,
      ...ownerOf(who),
      next: [],
      terms: ['page allocator'],
    };
  return {
    title: `a page was freed in a bad state${who ? `, in ${spellFrame(who)}` : ''}: memory is corrupted or was freed twice`,
    summary: `The kernel found a page in a bad state when it was freed${who ? ` (in ${spellFrame(who)})` : ''}: something freed it twice or wrote into it, or the RAM is faulty. That is not a leak; pages set aside this way are few.`,
    verdict: 'inconclusive',
    layer: 'none',
    confidence: 0.6,
    ...ownerOf(who),
    next: [{ command: "dmesg | grep -c 'Bad page'", why: 'one is chance or RAM, many are a driver', risk: 'none' }],
    terms: ['page allocator'],
  };
}

function pageTables(group: readonly Complained[]): Explained {
  const held = group.reduce((n, e) => n + (e.text.includes('pgtables_bytes') ? (e.count ?? 0) : 0), 0);
  return {
    title: `page tables of a process were not freed when it ended${held > 0 ? `: ${spellBytes(held)}` : ''}`,
    summary: `A process ended and ${held > 0 ? `${spellBytes(held)} of its` : 'its'} page tables were not freed: a fault in the kernel's memory management or in a driver that maps memory into processes.`,
    verdict: 'leak',
    layer: 'page-tables',
    confidence: 0.75,
    ...(isQuantity(held) && held > 0 ? { bytes: bytes(held) } : {}),
    next: [{ command: 'grep PageTables /proc/meminfo', why: 'whether it rises from process to process', risk: 'none' }],
    terms: ['page tables'],
  };
}

function rssCounter(first: Complained): Explained {
  const pages = first.count === undefined ? 'pages' : spellThings(first.count, 'page');
  return {
    title: `a process ended with ${pages} too many on its account`,
    summary: `A process ended with ${pages} still on its account (Bad rss-counter): they were miscounted, or they are lost. The line does not say which.`,
    verdict: 'inconclusive',
    layer: 'user',
    confidence: 0.5,
    next: [
      {
        command: "dmesg | grep -c 'Bad rss-counter'",
        why: 'many of them and shrinking free memory: pages are lost',
        risk: 'none',
      },
    ],
    terms: ['RSS'],
  };
}

const graphics = (): Explained => ({
  title: 'graphics buffers were left when their memory manager was taken down',
  summary:
    'A graphics driver took down its memory manager while buffers were still in it: buffer objects of an ended client or of the driver itself were not released.',
  verdict: 'growth',
  layer: 'page-allocator',
  confidence: 0.6,
  owner: { kind: 'subsystem', name: 'drm' },
  next: [{ command: 'cat /sys/kernel/debug/dri/*/clients', why: 'which programs hold graphics memory', risk: 'none' }],
});

const routes = (first: Complained): Explained => ({
  title: `the table of routes is full${first.times > 1 ? ` (${spellCount(first.times)} times)` : ''}: routes are held by references`,
  summary:
    'The kernel cannot add routes because its table is full: entries (dst) are held by references that were not dropped, or max_size is too small for this host.',
  verdict: 'growth',
  layer: 'slab-unreclaimable',
  confidence: 0.6,
  subject: { cache: /6/.test(first.text) ? 'ip6_dst_cache' : 'ip_dst_cache' },
  owner: { kind: 'subsystem', name: 'network routes' },
  next: [
    {
      command: 'grep -E "dst_cache|neigh|arp" /proc/slabinfo; sysctl net.ipv6.route.max_size net.ipv4.route.max_size',
      why: 'twice, an hour apart: objects that only rise are routes nobody drops',
      risk: 'none',
    },
  ],
  terms: ['slab cache', 'reference count'],
});

const slabExcess = (): Explained => ({
  title: 'unreclaimable slab is larger than all memory of processes, by the kernel’s own word',
  summary:
    'When memory ran out, unreclaimable slab was larger than all that processes and the page cache held; the kernel could not print the list of caches.',
  verdict: 'growth',
  layer: 'slab-unreclaimable',
  confidence: 0.65,
  next: [{ command: 'slabtop -o -s c | head -20', why: 'before it runs out again: which cache it is', risk: 'none' }],
  terms: ['SUnreclaim', 'OOM killer'],
});

function leftBehind(first: Complained): Explained {
  const pool = /dma_pool_destroy (\S+),/.exec(first.text)?.[1];
  const folder = /directory '([^']+)', leaking at least '([^']+)'/.exec(first.text);
  const what = folder
    ? `/proc/${folder[1] ?? ''} was removed with '${folder[2] ?? ''}' still in it`
    : pool === undefined
      ? 'something was taken down with memory of it still in use'
      : `DMA pool ${pool} was taken down with blocks of it in use`;
  return {
    title: what,
    summary: `${what.charAt(0).toUpperCase()}${what.slice(1)}: that memory is lost, by the kernel's own word.`,
    verdict: 'leak',
    layer: pool === undefined ? 'slab-unreclaimable' : 'page-allocator',
    confidence: 0.75,
    ...(first.count !== undefined && isQuantity(first.count) && first.text.includes('bytes')
      ? { bytes: bytes(first.count) }
      : {}),
    next: [],
  };
}

const full = (what: string, layer: Finding['layer'], command: string, terms: readonly string[]): Explained => ({
  title: what,
  summary: `${what.charAt(0).toUpperCase()}${what.slice(1)}; the line does not say whether it is lost or in use.`,
  verdict: 'inconclusive',
  layer,
  confidence: 0.5,
  next: [{ command, why: 'who uses it: again in an hour', risk: 'none' }],
  terms,
});
