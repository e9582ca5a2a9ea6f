/** Functions that belong together by their names: `foo_alloc_ring` and `foo_free_ring`, `foo_init` and `foo_exit`. */

/** What a verb makes, others undo. Only what holds memory or an object: switching on and off is none. */
const UNDONE_BY: Readonly<Record<string, readonly string[]>> = {
  alloc: ['free', 'dealloc', 'release', 'destroy', 'put'],
  allocate: ['free', 'deallocate', 'release', 'destroy'],
  setup: ['cleanup', 'teardown', 'free', 'release', 'destroy', 'remove', 'unsetup', 'clear', 'exit', 'shutdown'],
  init: [
    'exit',
    'fini',
    'cleanup',
    'destroy',
    'deinit',
    'uninit',
    'free',
    'release',
    'remove',
    'teardown',
    'term',
    'clean',
    'shutdown',
  ],
  initialize: ['cleanup', 'destroy', 'uninitialize', 'deinitialize', 'finalize', 'terminate', 'free', 'shutdown'],
  create: ['destroy', 'remove', 'delete', 'free', 'release', 'put'],
  register: ['unregister', 'deregister'],
  request: ['free', 'release'],
  open: ['close', 'release'],
  attach: ['detach'],
  acquire: ['release', 'put'],
  start: ['cancel', 'abort', 'commit'],
  build: ['free', 'destroy', 'release'],
  load: ['unload', 'free', 'release'],
  new: ['free', 'delete', 'destroy', 'release', 'put', 'remove'],
  bind: ['unbind'],
  mount: ['umount', 'unmount'],
  import: ['release', 'free', 'unimport'],
  pin: ['unpin'],
  connect: ['disconnect'],
  populate: ['depopulate', 'unpopulate'],
};

/** Of state, not of memory: locks, power, queues, counters, lists; or of what the caller owns anyway. */
const NO_OBJECT =
  /_file$|(?:^|_)(?:decode|encode|xdr)_|^(?:list|hlist|sysfs|debugfs|sg_miter|pci_resource|platform_get|pci_iov|device_property|of_property|llist|rb|hash|atomic\w*|bitmap|spin|mutex|rwlock|rcu|rtnl|srcu_read|pm|dma_map|pci_map|kmap|dev_pm|seq|nla|local|preempt|cpus|cpu|device_init_wakeup|input_set|module|trace|this|list_lru)_|_list_(?:add|del|init)|(?:^|_)(?:autopm|runtime|lock|locks|locked|irqs?|user|unaligned|wakeup|power|clk|clock|napi|sysfs_notify|stats|tail|head|rcu|timer|time|hrtimer|le|be|drvdata|clientdata|intfdata|cpu|cpus|page_table|bit|bits|reg|regs|waitqueue|wait|completion|barrier)(?:_|$|\d)/;

const MOST_NAMES = 20_000;
const known = new Map<string, readonly string[]>();

/** Names that would undo what a function does, by its own name; none where it has no such verb. */
export function undoingNames(name: string): readonly string[] {
  const before = known.get(name);
  if (before) return before;
  if (known.size >= MOST_NAMES) known.clear();
  const names = NO_OBJECT.test(name) ? (IRREGULAR.get(name) ?? []) : transform(name);
  known.set(name, names);
  return names;
}

function transform(name: string): readonly string[] {
  const parts = name.split('_');
  const found = [...(IRREGULAR.get(name) ?? [])];
  for (const [i, part] of parts.entries()) {
    const undoing = Object.hasOwn(UNDONE_BY, part) ? UNDONE_BY[part] : undefined;
    if (!undoing) continue;
    for (const verb of undoing) found.push(parts.with(i, verb).join('_'));
    // `foo_setup_and_add`, `foo_init_one`, `foo_get_by_name`: the rest need not come back.
    if (i > 0) {
      const rest = parts.slice(i + 1);
      if (
        rest.length > 0 &&
        rest.length <= 3 &&
        /^(?:and|one|by|from|for|with|new|locked|node|noprof|atomic)$/.test(rest[0] ?? '')
      )
        for (const verb of undoing) found.push([...parts.slice(0, i), verb].join('_'));
    }
  }
  return found;
}

/** Pairs that no verb tells, or whose failure leaves nothing to wonder about. */
const IRREGULAR: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    request_irq: ['free_irq'],
    request_threaded_irq: ['free_irq'],
    pci_request_irq: ['pci_free_irq'],
    irq_create_mapping: ['irq_dispose_mapping'],
    fb_alloc_cmap: ['fb_dealloc_cmap'],
    fb_videomode_to_modelist: ['fb_destroy_modelist'],
    v4l2_ctrl_handler_init: ['v4l2_ctrl_handler_free'],
    v4l2_fwnode_endpoint_alloc_parse: ['v4l2_fwnode_endpoint_free'],
    sg_alloc_table: ['sg_free_table'],
    sg_alloc_table_from_pages: ['sg_free_table'],
    kfifo_alloc: ['kfifo_free'],
    ptr_ring_init: ['ptr_ring_cleanup'],
    skb_array_init: ['skb_array_cleanup'],
    init_srcu_struct: ['cleanup_srcu_struct'],
    percpu_counter_init: ['percpu_counter_destroy'],
    percpu_ref_init: ['percpu_ref_exit'],
    rhashtable_init: ['rhashtable_destroy', 'rhashtable_free_and_destroy'],
    bioset_init: ['bioset_exit'],
    mempool_init: ['mempool_exit'],
    mempool_init_slab_pool: ['mempool_exit'],
    mempool_init_kmalloc_pool: ['mempool_exit'],
    sbitmap_init_node: ['sbitmap_free'],
    blk_mq_alloc_tag_set: ['blk_mq_free_tag_set'],
    fscrypt_setup_filename: ['fscrypt_free_filename'],
    fscrypt_prepare_lookup: ['fscrypt_free_filename'],
    crypto_register_alg: ['crypto_unregister_alg'],
    kobject_add: ['kobject_del'],
    iommu_map: ['iommu_unmap'],
  }),
);

/** What the first one holds is lost where nobody calls the second, whoever the caller is. */
export const isKnownPair = (name: string): boolean => (IRREGULAR.get(name) ?? []).length > 0;
