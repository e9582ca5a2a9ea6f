/** What functions outside of the unit do with a pointer they are given, as far as their names tell. */

type NameTest = (name: string) => boolean;

const MOST_NAMES = 50_000;

/** The answer depends on the name alone, and the same names are asked for at each step of each path. */
function remembered(pattern: RegExp): NameTest {
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= MOST_NAMES) known.clear();
    const answer = pattern.test(name);
    known.set(name, answer);
    return answer;
  };
}

const LENT = new RegExp(
  `^(?:${[
    'mem(?:cpy|set|move|cmp|chr|zero|scan|set16|set32|cpy_\\w+|set_\\w+)\\w*|_?mem\\w*',
    'str(?!uct)\\w*|kstrto\\w+|simple_strto\\w+|v?s[cn]*printf|sscanf|hex\\w*|bin2hex|parse_\\w+|match_\\w+',
    '_?copy_(?:from|to)\\w*|__copy_\\w+|clear_user|__?(?:get|put)_user|simple_read_from_buffer|simple_write_to_buffer|skb_copy_\\w+',
    'v?print\\w*|pr_\\w+|dev_(?:err|info|warn|dbg|notice|crit|alert|emerg|printk|vdbg|err_probe|name|get_drvdata|to_node)\\w*|netdev_(?:err|info|warn|dbg|notice|crit|name)\\w*|netif_(?:err|info|warn|dbg|notice)\\w*',
    'seq_(?:printf|puts|putc|write|escape|path)\\w*|BUG_ON|WARN\\w*|trace_\\w+|lockdep_\\w+|might_\\w+|ASSERT\\w*|dump_\\w+',
    '(?:raw_)?(?:spin|read|write|rw|mutex|down|up|rcu|seq|local|rt_mutex|ww_mutex|write_seq|read_seq|sema)_?\\w*(?:lock|unlock|init|read|write|begin|end|retry|trylock|down|up)\\w*',
    'INIT_\\w+|init_(?:completion|waitqueue|rwsem|timer|swait|rcu|MUTEX)\\w*|timer_setup\\w*|setup_timer|hrtimer_init|sema_init|tasklet_(?:init|setup)|kref_init|refcount_(?:set|read)|atomic\\w*|(?:test|set|clear|change)_\\w*bit\\w*|__(?:set|clear|test)_\\w*bit\\w*|find_\\w*bit|for_each_\\w+bit|bitmap_\\w+|complete\\w*|reinit_completion|wake_up\\w*|wait_for_completion\\w*|wait_event\\w*|lock_\\w+|unlock_\\w+',
    '[lb]e\\d+_\\w+|(?:get|put)_unaligned\\w*|ether_addr\\w*|eth_\\w*addr\\w*|is_\\w+|virt_to_\\w+|phys_to_\\w+|page_to_\\w+|__pa|page_address|kmap\\w*|kunmap\\w*|flush_\\w+|clear_(?:page|highpage)|copy_(?:page|highpage)|offset_in_page|ksize',
    'usb_(?:control|bulk|interrupt)_msg\\w*|usb_(?:snd|rcv)\\w*pipe|usb_pipe\\w+|usb_get_descriptor|usb_string|usb_driver_\\w+|usb_kill_urb|usb_poison_urb|usb_unlink_urb|usb_init_urb|usb_(?:snd|rcv)_\\w+|usbnet_(?:read|write)_cmd\\w*|usb_get_status',
    'i2c_(?:transfer|master|smbus)\\w*|spi_(?:sync|write|read|message|async_locked)\\w*|regmap_(?:read|write|update|bulk|raw|multi|noinc|field)\\w*|pci_(?:read|write)_config\\w*|(?:io)?(?:read|write)\\w*(?:8|16|32|64|[bwlq])(?:_\\w+)?|__raw_\\w+|read[bwlq]\\w*|write[bwlq]\\w*|readx?_poll\\w*|memcpy_\\w+|in[bwl]p?|out[bwl]p?|serial_\\w+',
    'dma_(?:unmap|sync|mapping_error)\\w*|pci_(?:unmap|dma)\\w*|sg_(?:init|set|mark|next)\\w*|skcipher_request_set\\w*|crypto_\\w+|sha\\d*\\w*|md5\\w*|crc\\w*|hmac\\w*|aes_\\w+|chacha\\w*',
    'min\\w*|max\\w*|clamp\\w*|swap|sort|bsearch|ARRAY_SIZE|PTR_ERR\\w*|IS_ERR\\w*|ERR_PTR|ERR_CAST|likely|unlikely|sizeof|offsetof|BIT|GENMASK|container_of\\w*|list_(?:empty|first|last|is|next|prev|entry)\\w*|hlist_(?:empty|unhashed)\\w*|get_random_bytes\\w*|prandom\\w*|random\\w*|jiffies\\w*|msecs\\w*|msleep|usleep\\w*|udelay|ndelay|mdelay|cond_resched|schedule\\w*|barrier|smp_\\w+mb\\w*|[rw]?mb|prefetch\\w*',
    'nla_\\w+|nlmsg_(?:put|end|cancel|data|hdr|total|attrdata|parse)\\w*|genlmsg_(?:put|end|cancel|data)\\w*|rtnl_\\w*fill\\w*|skb_(?:put|push|pull|reserve|trim|tail|head|end|len|reset|set|copy|mac|network|transport|checksum|linearize|cow|cloned|shinfo|get|is|has|mark|record|probe|orphan|ensure|vlan|zcopy|frag|fill|add|store|availroom|tailroom|headroom|headlen|shared|pad|cow_head|unclone|header|tstamp|hwtstamps|complete)\\w*|__skb_(?:put|push|pull|trim|reserve|pad)\\w*|pskb_\\w+|eth_type_trans|eth_hdr|ip_hdr|ipv6_hdr|tcp_hdr|udp_hdr|vlan_\\w+|IEEE80211_SKB_\\w+|ieee80211_(?:is|get|has|hdrlen|frequency|channel)\\w*|skb_\\w*hdr\\w*',
    'of_(?:property|get_property|device_is|node_name|address|irq_(?:get|parse|count|of)|match|find_property|count|alias|get_(?:mac|phy_mode|address|child_count|available_child_count)|modalias|n_\\w+|machine|parse_phandle_with|phandle|get_named_gpio|get_gpio|translate|dma|clk_get|read|node_(?:is|cmp|full|root))\\w*|fwnode_(?:property|device_is|get_name|call)\\w*|device_property\\w*|irq_of_parse_and_map|to_of_node|dev_fwnode',
    'vfs_(?:read|write|getattr|statfs|fsync|llseek)\\w*|kernel_(?:read|write|recvmsg|sendmsg)\\w*|d_(?:inode|is|really|path|backing|unhashed)\\w*|i_(?:size|blocksize|uid|gid)\\w*|S_IS\\w+|inode_(?:lock|unlock|is|inc|dec|set|get|owner|init)\\w*|set_nlink|inc_nlink|drop_nlink|clear_nlink|mark_inode_dirty\\w*|mark_buffer_dirty\\w*|set_buffer\\w*|clear_buffer\\w*|buffer_\\w+|lock_buffer|unlock_buffer|wait_on_\\w+|sync_dirty_buffer|bh_\\w+|brelse_array|unlock_page|lock_page|SetPage\\w*|ClearPage\\w*|Page\\w+|set_page_\\w+|zero_user\\w*|folio_(?:lock|unlock|mark|test|set|clear|size|pos|wait)\\w*',
    'platform_get_\\w+|to_\\w+|netdev_priv|get_cpu|put_cpu|this_cpu\\w*|per_cpu_ptr|raw_cpu_ptr|u64_stats\\w*|release_sock|lock_sock|bio_(?:set|sectors|op|has|clear|for_each|advance|iter|data|cur|associate|init)\\w*|submit_bio_wait|bio_chain|usb_anchor_urb|kthread_should_stop|fatal_signal_pending|signal_pending|capable|ns_capable|security_\\w+|audit_\\w+|access_ok|rcu_dereference\\w*|rcu_access_pointer|READ_ONCE|lockref_\\w+|acpi_(?:evaluate|get)_\\w+|ACPI_\\w+',
  ].join('|')})$`,
);

/** It asks something. */
const ASKS =
  /(?:^|_)(?:is|has|have|can(?!_(?:rx|put|get|free|send|receive|dropped|skb|bus|change|ml))|may|needs?|should|must|valid|validate|check|verify|test|cmp|compare|match|matches|equal|equals|supported|empty|exists|contains|allowed|enabled|calc|compute|count|sizeof|size|len|length|hash|parse|print|show|dump|debug|dbg|trace|log|warn)(?:_|\d|$)/i;

/** It frees, puts, or undoes. */
const FREES =
  /(?:^|_)(?:k?v?free\w*|release\w*|put|unref|deref|decref|drop|destroy\w*|delete|del|dealloc\w*|cleanup|clean|fini|finish|deinit|uninit|exit|teardown|shutdown|remove\w*|unregister\w*|unlink|detach|disconnect|close|kill|purge|discard|dispose|recycle|consume\w*|rele|brelse|unwind|rollback|undo|abort|cancel|complete|done|end|endio|unload|umount|unbind|evict|reap|retire|expire|unuse|iput|fput|dput|unlock_put|leave|uncharge|unhash|reject|giveback|dismantle|forget)(?:s|\d+)?(?:_\w+)?$|(?:Free|Release|Destroy|Delete|Cleanup|Remove|Close|Put|Uninit|Deinit|Exit|Detach|Unregister)/;

const SURELY =
  /(?:^|_)(?:k?v?free\w*|release|put|unref|drop|destroy|delete|del|dealloc\w*|cleanup|fini|deinit|uninit|exit|teardown|remove|unregister|detach|purge|discard|dispose|recycle|close|kill|brelse|iput|fput|dput)(?:s|\d+)?(?:_\w+)?$|(?:Free|Release|Destroy|Delete|Cleanup|Remove|Uninit|Deinit)/;

/** It may keep a reference that it is given, and drop it later. */
const KEEPS =
  /(?:^|_)(?:register\w*|add(?!r)\w*|attach|insert|link|queue\w*|enqueue|submit|bind|install|publish|store|save|set|assign|init\w*|instantiate|splice|hash|push|append|track|connect|open|schedule|call|defer|post|send|xmit|start|create|setup|new|alloc|move|swap|replace|register|own|adopt|give|transfer|donate|consume)(?:_|\d|$)/;

/** Pointers into what they are given. */
const INTO =
  /^(?:container_of\w*|list_entry|hlist_entry|rb_entry|netdev_priv|page_address|skb_put\w*|skb_push|skb_pull|skb_tail_pointer|__skb_put\w*|dev_get_drvdata|wiphy_priv|iio_priv|input_get_drvdata|hw_priv|ieee80211_hw_priv|to_[a-z]\w*|ERR_CAST|rcu_dereference\w*|READ_ONCE|PTR_ALIGN|kmap\w*|file_inode|d_inode|page_folio|folio_page|lowmem_page_address|of_fwnode_handle|dma_map_\w+|pci_map_\w+|virt_to_phys|__pa|cpu_to_[lb]e\d+|upper_32_bits|lower_32_bits|page_ptr|nlmsg_put|genlmsg_put|nla_nest_start\w*|nlmsg_data|nlmsg_hdr|mac80211_priv|skb_mac_header|skb_network_header|no_free_ptr|return_ptr|can_priv|wdev_priv|ndev_priv|\w+_to_\w+|\w+_priv|\w+_ptr|\w+_cb|\w+_CB|\w+_PRIV|\w+_I|\w+_INFO|ALIGN|PTR_ERR_OR_NULL|platform_get_drvdata|kasan_reset_tag|virt_to_page|virt_to_head_page|page_to_virt)$/;

/** Argument `from` is kept by argument `into` (or by nobody that is seen: -1). */
type Store = readonly [from: number, into: number];
const each = (names: string, ...stores: readonly Store[]): readonly (readonly [string, readonly Store[]])[] =>
  names.split(' ').map((name) => [name, stores]);

const STORES: ReadonlyMap<string, readonly Store[]> = new Map<string, readonly Store[]>([
  ...each(
    'rb_insert_color rb_link_node rb_insert_color_cached rb_add list_add list_add_tail list_add_rcu list_add_tail_rcu hlist_add_head hlist_add_head_rcu list_move list_move_tail list_splice llist_add hlist_add_before hlist_add_behind hlist_nulls_add_head',
    [0, 1],
  ),
  ...each(
    'hash_add hash_add_rcu dev_set_drvdata platform_set_drvdata pci_set_drvdata usb_set_intfdata i2c_set_clientdata spi_set_drvdata amba_set_drvdata input_set_drvdata auxiliary_set_drvdata xchg skb_queue_tail __skb_queue_tail skb_queue_head __skb_queue_head sdio_set_drvdata hid_set_drvdata usb_set_serial_data usb_set_serial_port_data set_ptr video_set_drvdata mdiobus_set_drvdata tty_set_drvdata wiphy_set_drvdata vio_set_drvdata',
    [1, 0],
  ),
  ...each('usb_fill_bulk_urb usb_fill_int_urb', [3, 0], [6, 0]),
  ...each('usb_fill_control_urb', [3, 0], [4, 0], [7, 0]),
  ...each('skb_dst_set set_page_private attach_page_private folio_attach_private', [1, 0]),
  ...each('sg_set_page sg_set_buf sg_init_one', [1, 0]),
  ...each('skb_add_rx_frag skb_fill_page_desc __skb_fill_page_desc skb_frag_set_page', [2, 0]),
]);

export const isLent: NameTest = remembered(LENT);
export const asks: NameTest = remembered(ASKS);
export const looksFreeing: NameTest = remembered(FREES);
/** A name that can mean nothing else: what it does is evidence. */
export const surelyFrees: NameTest = remembered(SURELY);
export const looksKeeping: NameTest = remembered(KEEPS);
export const pointsInto: NameTest = remembered(INTO);
export const storesOf = (name: string): readonly Store[] => STORES.get(name) ?? [];

/** They free what they are given when they fail. */
const FREES_ON_FAILURE =
  /^(?:skb_padto|skb_put_padto|skb_pad|__skb_pad|__skb_put_padto|eth_skb_pad|vlan_insert_tag\w*|__vlan_hwaccel_push_inside|vlan_hwaccel_push_inside|skb_share_check|skb_unshare|skb_vlan_untag|can_dropped_invalid_skb|can_dev_dropped_skb|validate_xmit_skb\w*|iptunnel_handle_offloads|sock_queue_rcv_skb_reason)$/;
export const freesOnFailure: NameTest = remembered(FREES_ON_FAILURE);

/** They leave what they are given alone when they fail, whatever their callers think. */
const FAILS_CLEAN =
  /^(?:platform_device_add|input_register_device|register_netdev|register_netdevice|mdiobus_register|of_mdiobus_register|usb_submit_urb|ieee80211_register_hw|wiphy_register|register_candev|rtc_register_device|misc_register|cdev_add|spi_register_controller|spi_register_master|i2c_add_adapter|scsi_add_host)$/;
export const failsClean: NameTest = remembered(FAILS_CLEAN);

/** They do not come back. */
const HALTS = /(?:^|_)(?:panic|BUG|do_exit|kthread_complete_and_exit|make_task_dead|machine_restart|nmi_panic)$/;
export const halts: NameTest = remembered(HALTS);

/** Whatever comes: they take it over, also when they fail. */
const CONSUMES =
  /^(?:devm_\w+|dev_queue_xmit\w*|netif_rx\w*|netif_receive_skb\w*|napi_gro_receive|napi_gro_frags|ieee80211_rx\w*|genlmsg_(?:reply|unicast|multicast)\w*|nlmsg_(?:unicast|multicast|notify)|rtnl_(?:unicast|notify)|netlink_(?:unicast|broadcast)\w*|submit_bio|generic_make_request|call_rcu\w*|kfree_rcu\w*|d_make_root|mount_subtree|replace_fops|rpc_run_task|rpc_call_async|d_obtain_\w+|d_tmpfile|sock_queue_rcv_skb|__netif_receive_skb\w*|d_instantiate\w*|d_add|d_splice_alias|fd_install|queue_work\w*|schedule_work\w*|queue_delayed_work\w*|schedule_delayed_work\w*|mod_timer|add_timer\w*|usb_hcd_giveback_urb|skb_tunnel_rx|hci_recv_frame|can_put_echo_skb|can_rx_offload_queue_\w+|tasklet_schedule|put_user_pages|skb_append|ieee80211_tx_status\w*|cfg80211_inform\w*|hci_send_\w+|mac802154_\w+|wait_on_page_writeback|page_pool_\w+|(?:xa_|try_)?cmpxchg\w*|skb_complete_\w+|add_device_randomness)$/;
export const consumes: NameTest = remembered(CONSUMES);
