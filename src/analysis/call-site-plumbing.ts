/**
 * Functions through which everybody allocates. A stack names who asked by the first frame that is none of them.
 * Names are compared without compiler suffixes; a `*` stands for any rest of the name.
 */

/** The detectors' own frames, and what records a stack for them. */
const DETECTORS = `create_object __create_object kmemleak_* save_stack* __save_stack* stack_trace_save* save_trace arch_stack_walk
  walk_stackframe set_track* stack_depot_* __stack_depot_* depot_* kasan_* __kasan_* kfence_* __kfence_* __set_page_owner*
  register_early_stack init_early_allocated_pages init_page_owner page_ext_init debug_object_* __debug_object_* lookup_object_or_alloc
  fill_pool alloc_slab_obj_exts prepare_slab_obj_exts* memcg_alloc_* memcg_slab_post_alloc_hook`;

const SLAB = `slab_post_alloc_hook slab_alloc* __slab_alloc* ___slab_alloc slab_build* __do_kmalloc_node kmalloc* kzalloc* kcalloc*
  kmem_cache_alloc* kmem_cache_zalloc* __kmem_cache_alloc* __kmalloc* ___kmalloc* kvmalloc* kvzalloc* kvcalloc* kvrealloc* __kvmalloc*
  krealloc* __krealloc __do_krealloc kmemdup* kvmemdup* kstrdup* kstrndup* kasprintf* kvasprintf* alloc_slab_page allocate_slab new_slab*
  ____cache_alloc* __do_cache_alloc cache_alloc_refill cache_grow* fallback_alloc kmem_getpages alloc_from_pcs refill_sheaf refill_objects
  __pcs_replace_empty_main alloc_full_sheaf alloc_empty_sheaf __alloc_empty_sheaf get_from_partial* get_partial* __do_alloc
  kmem_alloc* kmem_zalloc* kmem_zone_alloc* kmem_zone_zalloc* spl_kmem_* spl_kvmalloc spl_vmem_* vmem_alloc* vmem_zalloc*`;

const PAGES = `alloc_pages* __alloc_pages* alloc_page alloc_page_interleave alloc_frozen_pages* __alloc_frozen_pages* folio_alloc* __folio_alloc*
  vma_alloc_folio* vma_alloc_zeroed* filemap_alloc_folio get_page_from_freelist post_alloc_hook prep_new_page rmqueue* __rmqueue*
  __get_free_page* get_free_pages* get_zeroed_page* make_alloc_exact page_frag_* __page_frag_* skb_page_frag_refill sk_page_frag_refill
  page_pool_* __page_pool_* alloc_contig_* cma_alloc* __cma_alloc compaction_alloc dma_alloc_* dma_direct_alloc* __dma_direct_alloc*
  __dma_alloc* dmam_alloc* dma_pool_* iommu_dma_alloc* __iommu_dma_alloc* dma_common_* arch_dma_alloc arm_dma_alloc pci_alloc_consistent
  dma_generic_alloc_coherent x86_swiotlb_alloc_coherent vmalloc* vzalloc* __vmalloc* __get_vm_area* get_vm_area* alloc_vmap_area vm_area_alloc_pages vmap vm_map_ram module_alloc
  __alloc_percpu* alloc_percpu* __alloc_reserved_percpu pcpu_* devm_alloc_percpu* __devm_alloc_percpu`;

/** Containers and small services of lib/ that allocate on a caller's behalf. */
const CONTAINERS = `mempool_* ida_* idr_* __idr_* radix_tree_* __radix_tree_* xas_* __xas_* xa_* __xa_* mas_* mt_alloc* mtree_* rhashtable_*
  __rhashtable_* bucket_table_alloc* gen_pool_* kfifo_alloc __kfifo_* bitmap_alloc* bitmap_zalloc* sg_alloc* __sg_alloc* sg_kmalloc
  sg_pool_alloc assoc_array_* list_lru_* __list_lru_* memcg_init_list_lru* percpu_counter_init* __percpu_counter_init* percpu_ref_init
  percpu_init_rwsem __percpu_init_rwsem init_srcu_struct* nla_memdup nla_strdup match_strdup argv_split seq_open* __seq_open* single_open*
  seq_buf_alloc memdup_user* vmemdup_user strndup_user getname* devm_k* drmm_k* drmm_add_action* __drmm_* devres_alloc* __devres_alloc*
  devm_add_action* alloc_dr sock_kmalloc sock_kzalloc sock_kmemdup __sock_kmalloc acpi_os_allocate* acpi_os_acquire* acpi_ut_allocate_*
  acpi_ut_create_* bpf_map_kmalloc* bpf_map_kzalloc bpf_map_kvcalloc bpf_map_area_* __bpf_map_area_* bpf_map_alloc_percpu alloc_inode
  inode_init_always* kobject_set_name* kobject_create* kobject_init_and_add kobject_add* kobject_set_name_vargs kset_create*
  dev_set_name kernfs_new_node __kernfs_new_node sk_alloc sk_prot_alloc prepare_creds prepare_kernel_cred`;

/** What they allocate is made to be handed from layer to layer. */
const HANDED_ON = `alloc_skb* __alloc_skb* __build_skb* build_skb* slab_build_skb napi_build_skb __napi_build_skb __netdev_alloc_skb* netdev_alloc_skb*
  __netdev_alloc_frag* netdev_alloc_frag* napi_alloc_frag* __napi_alloc_frag* napi_alloc_skb* __napi_alloc_skb* napi_get_frags dev_alloc_skb
  __dev_alloc_skb skb_clone* skb_copy* skb_realloc_headroom skb_expand_head pskb_* __pskb_* kmalloc_reserve sock_alloc_send_pskb
  sock_alloc_send_skb sock_wmalloc sock_omalloc sk_stream_alloc_skb tcp_stream_alloc_skb alloc_skb_with_frags page_frag_* __page_frag_*
  page_pool_* __page_pool_* bio_alloc* bio_kmalloc bvec_alloc* bio_clone* usb_alloc_urb blk_mq_alloc_request* blk_mq_get_request
  blk_get_request blk_alloc_request`;

/**
 * Services of the core that build something for a driver or a file system. They are named, unless the frame beyond them
 * is a module's or, in a decoded stack, a driver's: then that one asked for it.
 */
const SERVICES = `new_inode* alloc_file* alloc_empty_file* __alloc_file sget* alloc_super d_alloc* __d_alloc sock_alloc*
  __sock_create sock_create* security_* selinux_*_alloc* apparmor_*_alloc* lsm_* alloc_netdev* alloc_etherdev* devm_alloc_* devm_* drmm_*
  device_* dev_pm_* dev_printk* wakeup_source_* pm_runtime_* platform_device_* class_create* __class_create* cdev_alloc
  __register_chrdev* input_allocate_device* alloc_workqueue* __alloc_workqueue* alloc_and_link_pwqs kthread_create* __kthread_create*
  request_threaded_irq* __request_irq request_irq* __irq_* irq_domain_* request_firmware* _request_firmware fw_* call_usermodehelper_*
  sysfs_* kernfs_* __kernfs_* internal_create_* create_files proc_create* __proc_create proc_mkdir* proc_register debugfs_* __debugfs_*
  start_creating* crypto_alloc_* crypto_create_tfm* __crypto_alloc_tfm* blk_alloc_queue* blk_mq_init_* blk_mq_alloc_* __blk_mq_alloc_*
  __alloc_disk* alloc_disk* scsi_host_alloc regmap_* __regmap_* ttm_* of_* clk_register* clk_hw_register* __clk_* gpiochip_* i2c_new_*
  register_shrinker* prealloc_shrinker shrinker_alloc* usb_submit_urb usb_hcd_* register_netdev* kset_register kobject_*`;

/** What every system call, interrupt and thread begins with: says nothing about who asked. */
const ENTRIES = `do_syscall* entry_* x64_sys_call invoke_syscall* el0* el0t_* el1* do_el0_* ret_from_* kthread worker_thread process_one_work
  process_scheduled_works __do_softirq handle_softirqs do_softirq* irq_exit* run_ksoftirqd smpboot_thread_fn kernel_init start_kernel
  system_call* syscall_* stub_* ia32_* do_fast_syscall* do_int80* sysenter_* common_interrupt asm_* secondary_startup* x86_64_start_*
  start_secondary cpu_startup_entry do_idle default_idle* arch_cpu_idle rest_init __irq_svc __se_sys_* __do_sys_* handle_irq* __handle_irq* __handle_domain_irq
  gic_handle_irq`;

const compile = (list: string): RegExp =>
  new RegExp(`^(?:${list.trim().split(/\s+/).join('|').replaceAll('*', '.*')})$`);

const PLUMBING = compile(`${DETECTORS} ${SLAB} ${PAGES} ${CONTAINERS} ${HANDED_ON}`);
const PASSED = compile(HANDED_ON);
const SERVICE = compile(SERVICES);
const ENTRY = compile(ENTRIES);
/** What vendors' modules call their own allocator: `rtw_zmalloc`, `osl_malloc`, `os_alloc_mem`, `foo_mem_alloc`. */
const WRAPPER =
  /^_{0,3}(?:[a-z0-9]{1,16}_){0,4}(?:rk?|k|v|kv)?(?:z?malloc|zalloc|calloc|realloc|mem_?alloc|alloc_mem(?:ory)?|memory_alloc|generic_alloc|os_alloc)(?:_(?:debug|atomic|node|flags|noprof|ex|internal))?$/i;

export const isPlumbing = (symbol: string): boolean => PLUMBING.test(symbol) || WRAPPER.test(symbol);
export const isPassedOn = (symbol: string): boolean => PASSED.test(symbol) || /^_{0,2}(?:skb|bio)_/.test(symbol);
export const isService = (symbol: string): boolean => SERVICE.test(symbol);
export const isEntry = (symbol: string): boolean => ENTRY.test(symbol);

/** `foo.part.0.constprop.3` → `foo`; `kmalloc_noprof` → `kmalloc`; PowerPC's leading dot goes too. */
export function bareName(symbol: string): string {
  const bare = symbol.replace(/^\.+/, '').replace(/\.(?:part|isra|constprop|cold|llvm|lto_priv|ipa)\b.*$/, '');
  return bare.endsWith('_noprof') ? bare.slice(0, -7) : bare;
}
