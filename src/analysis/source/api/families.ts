import type { ResourceFamily } from '../../../model/source/resource.ts';
import { OBJECTS } from './objects.ts';

/** A family with its functions, as the tables write it. See parse-families.ts. */
export interface FamilyRow extends ResourceFamily {
  /**
   * Functions that hand it out, between blanks. `name` returns it; `name:out1` stores it where argument 1 points to;
   * `name:arg0` takes a reference on argument 0, which it may return too; `name:eats1` returns it and consumes argument 1;
   * `name:fail0` leaves it in argument 0 where it fails;
   * `!` behind: 0 means failure (try_module_get).
   */
  readonly takes: string;
  /** Functions that take it back: `name`, or `name:1` where it is not argument 0. */
  readonly gives: string;
  /** Functions that look as if they did, and do not. */
  readonly wrong?: string;
}

const SLAB = 'slab-unreclaimable';

export const MEMORY: readonly FamilyRow[] = [
  {
    id: 'kmalloc',
    kind: 'memory',
    noun: 'memory',
    partner: 'kfree',
    layer: SLAB,
    unknown: 'keeps',
    takes:
      'kmalloc kzalloc kcalloc kmalloc_array kmalloc_node kzalloc_node kcalloc_node kmalloc_array_node kstrdup kstrndup kmemdup kmemdup_nul kmemdup_array kasprintf kvasprintf memdup_user memdup_user_nul strndup_user match_strdup bitmap_alloc bitmap_zalloc kmalloc_track_caller usb_cache_string kstrdup_quotable kstrdup_quotable_cmdline kstrdup_quotable_file kmalloc_noprof kzalloc_noprof kmalloc_obj kzalloc_obj kmalloc_objs kzalloc_objs kmalloc_flex kzalloc_flex memdup_array_user kmemdup_noprof bpf_map_kmalloc_node bpf_map_kzalloc nvmem_cell_read of_get_mac_addr_nvmem acpi_get_name_string fwnode_get_name_dup simple_strdup kstrdup_and_replace krealloc krealloc_array kvrealloc krealloc_node',
    gives:
      'kfree kfree_sensitive kzfree kvfree kfree_rcu kvfree_rcu kfree_rcu_mightsleep kvfree_rcu_mightsleep kvfree_sensitive bitmap_free kfree_const kmem_cache_free:1',
    wrong: 'vfree',
  },
  {
    id: 'kstrdup_const',
    kind: 'memory',
    noun: 'a string',
    partner: 'kfree_const',
    layer: SLAB,
    unknown: 'keeps',
    takes: 'kstrdup_const kvasprintf_const',
    gives: 'kfree_const',
  },
  {
    id: 'kvmalloc',
    kind: 'memory',
    noun: 'memory',
    partner: 'kvfree',
    layer: SLAB,
    unknown: 'keeps',
    takes:
      'kvmalloc kvzalloc kvcalloc kvmalloc_array kvmalloc_node kvzalloc_node kvmemdup vmemdup_user vmemdup_array_user kvcalloc_node',
    gives: 'kvfree kvfree_rcu kvfree_sensitive kvfree_rcu_mightsleep',
    wrong: 'vfree kfree',
  },
  {
    id: 'vmalloc',
    kind: 'memory',
    noun: 'a vmalloc area',
    partner: 'vfree',
    layer: 'vmalloc',
    unknown: 'keeps',
    takes:
      'vmalloc vzalloc vmalloc_user vmalloc_32 vmalloc_32_user vmalloc_node vzalloc_node __vmalloc __vmalloc_node vcalloc vmalloc_array vmalloc_huge',
    gives: 'vfree vfree_atomic kvfree',
    wrong: 'kfree',
  },
  {
    id: 'kmem_cache',
    kind: 'memory',
    noun: 'an object of a cache',
    partner: 'kmem_cache_free',
    layer: SLAB,
    unknown: 'keeps',
    takes: 'kmem_cache_alloc kmem_cache_zalloc kmem_cache_alloc_node kmem_cache_zalloc_node kmem_cache_alloc_lru',
    gives: 'kmem_cache_free:1 kfree',
  },
  {
    id: 'mempool',
    kind: 'memory',
    noun: 'an element of a pool',
    partner: 'mempool_free',
    layer: SLAB,
    unknown: 'keeps',
    takes: 'mempool_alloc',
    gives: 'mempool_free',
  },
  {
    id: 'pages',
    kind: 'pages',
    noun: 'a page or more',
    partner: '__free_pages',
    layer: 'page-allocator',
    type: 'struct page',
    unknown: 'keeps',
    takes:
      'alloc_pages alloc_page alloc_pages_node dev_alloc_page dev_alloc_pages __dev_alloc_page __dev_alloc_pages __alloc_pages __alloc_pages_node folio_alloc',
    gives:
      '__free_pages __free_page put_page folio_put free_unref_page __page_cache_release page_frag_cache_drain __page_frag_cache_drain page_pool_put_page put_user_page',
    wrong: 'kfree vfree free_page free_pages',
  },
  {
    id: 'free_pages',
    kind: 'pages',
    noun: 'a page or more',
    partner: 'free_pages',
    layer: 'page-allocator',
    unknown: 'keeps',
    takes: '__get_free_pages __get_free_page get_zeroed_page __get_dma_pages',
    gives: 'free_page free_pages free_page_and_swap_cache',
    wrong: 'kfree vfree __free_pages __free_page put_page',
  },
  {
    id: 'pages_exact',
    kind: 'pages',
    noun: 'a run of pages',
    partner: 'free_pages_exact',
    layer: 'page-allocator',
    unknown: 'keeps',
    takes: 'alloc_pages_exact alloc_pages_exact_nid',
    gives: 'free_pages_exact',
    wrong: 'kfree vfree',
  },
  {
    id: 'dma_coherent',
    kind: 'memory',
    noun: 'coherent DMA memory',
    partner: 'dma_free_coherent',
    layer: 'page-allocator',
    unknown: 'keeps',
    takes:
      'dma_alloc_coherent dma_zalloc_coherent dma_alloc_attrs dma_alloc_wc dma_alloc_writecombine dma_alloc_noncoherent pci_alloc_consistent pci_zalloc_consistent',
    gives:
      'dma_free_coherent:2 dma_free_attrs:2 dma_free_wc:2 dma_free_writecombine:2 dma_free_noncoherent:2 pci_free_consistent:2',
    wrong: 'kfree vfree',
  },
  {
    id: 'dma_pool',
    kind: 'memory',
    noun: 'an element of a DMA pool',
    partner: 'dma_pool_free',
    layer: 'page-allocator',
    unknown: 'keeps',
    takes: 'dma_pool_alloc dma_pool_zalloc pci_pool_alloc pci_pool_zalloc',
    gives: 'dma_pool_free:1 pci_pool_free:1',
  },
  {
    id: 'usb_coherent',
    kind: 'memory',
    noun: 'coherent memory for USB',
    partner: 'usb_free_coherent',
    layer: 'page-allocator',
    unknown: 'keeps',
    takes: 'usb_alloc_coherent usb_buffer_alloc',
    gives: 'usb_free_coherent:2 usb_buffer_free:2',
    wrong: 'kfree',
  },
  {
    id: 'percpu',
    kind: 'memory',
    noun: 'per-CPU memory',
    partner: 'free_percpu',
    layer: 'percpu',
    unknown: 'keeps',
    takes:
      'alloc_percpu __alloc_percpu alloc_percpu_gfp __alloc_percpu_gfp netdev_alloc_pcpu_stats bpf_map_alloc_percpu alloc_workqueue_attrs_percpu',
    gives: 'free_percpu',
    wrong: 'kfree',
  },
  {
    id: 'skb',
    kind: 'buffer',
    noun: 'a network buffer',
    partner: 'kfree_skb',
    layer: SLAB,
    type: 'struct sk_buff',
    unknown: 'keeps',
    takes:
      'alloc_skb dev_alloc_skb __dev_alloc_skb netdev_alloc_skb __netdev_alloc_skb netdev_alloc_skb_ip_align __netdev_alloc_skb_ip_align napi_alloc_skb __napi_alloc_skb alloc_skb_with_frags alloc_skb_fclone skb_clone skb_copy pskb_copy skb_copy_expand nlmsg_new genlmsg_new sock_alloc_send_skb sock_alloc_send_pskb sock_wmalloc bt_skb_alloc bt_skb_send_alloc build_skb napi_build_skb skb_clone_sk skb_realloc_headroom nfc_alloc_recv_skb skb_dequeue __skb_dequeue skb_dequeue_tail __skb_dequeue_tail alloc_can_skb alloc_canfd_skb ieee80211_nullfunc_get ieee80211_beacon_get ieee80211_beacon_get_tim ieee80211_beacon_get_template ieee80211_probereq_get ieee80211_proberesp_get ieee80211_pspoll_get nci_skb_alloc mgmt_alloc_skb can_create_echo_skb',
    gives:
      'kfree_skb dev_kfree_skb dev_kfree_skb_any dev_kfree_skb_irq dev_consume_skb_any dev_consume_skb_irq consume_skb kfree_skb_reason kfree_skb_list kfree_skb_list_reason kfree_skb_any nlmsg_free __kfree_skb napi_consume_skb ieee80211_free_txskb:1 dev_kfree_skb_any_reason kfree_skb_partial skb_tx_error __dev_kfree_skb_any __dev_kfree_skb_irq',
    wrong: 'kfree',
  },
  {
    id: 'urb',
    kind: 'object',
    noun: 'an URB',
    partner: 'usb_free_urb',
    layer: SLAB,
    type: 'struct urb',
    unknown: 'keeps',
    takes: 'usb_alloc_urb',
    gives: 'usb_free_urb usb_put_urb',
    wrong: 'kfree',
  },
  {
    id: 'netdev',
    kind: 'object',
    noun: 'a network device',
    partner: 'free_netdev',
    layer: SLAB,
    type: 'struct net_device',
    unknown: 'keeps',
    takes:
      'alloc_netdev alloc_netdev_mq alloc_netdev_mqs alloc_etherdev alloc_etherdev_mq alloc_etherdev_mqs alloc_candev alloc_candev_mqs alloc_hdlcdev alloc_netdev_dummy alloc_fcdev alloc_fddidev alloc_hippi_dev alloc_trdev alloc_arcdev alloc_irdadev',
    gives: 'free_netdev free_candev free_arcdev',
    wrong: 'kfree kvfree',
  },
  {
    id: 'ieee80211',
    kind: 'object',
    noun: 'a wireless device',
    partner: 'ieee80211_free_hw',
    layer: SLAB,
    unknown: 'keeps',
    takes: 'ieee80211_alloc_hw ieee80211_alloc_hw_nm',
    gives: 'ieee80211_free_hw',
    wrong: 'kfree',
  },
  {
    id: 'wiphy',
    kind: 'object',
    noun: 'a wireless device',
    partner: 'wiphy_free',
    layer: SLAB,
    unknown: 'keeps',
    takes: 'wiphy_new wiphy_new_nm',
    gives: 'wiphy_free',
    wrong: 'kfree',
  },
  {
    id: 'bio',
    kind: 'object',
    noun: 'a bio',
    partner: 'bio_put',
    layer: SLAB,
    type: 'struct bio',
    unknown: 'keeps',
    takes: 'bio_alloc bio_alloc_bioset bio_kmalloc bio_alloc_clone bio_clone_fast',
    gives: 'bio_put bio_endio bio_io_error bio_wouldblock_error',
    wrong: 'kfree',
  },
  ...OBJECTS,
];
