/** Parameters that say how memory is kept and watched, and name nobody: they stay as they are. */
const KEPT =
  /^(?:quiet|splash|ro|rw|debug|nosmp|maxcpus|nr_cpus|mem|memmap|memblock|crashkernel|hugepages|hugepagesz|default_hugepagesz|transparent_hugepage\w*|thp_\w+|kmemleak|slub_\w+|slab_\w+|slub|slab|page_owner|page_poison|page_alloc\.\w+|page_reporting\.\w+|debug_pagealloc|debug_objects|no_hash_pointers|init_on_alloc|init_on_free|kfence\.\w+|kasan\.?\w*|kmsan\w*|cgroup_\w+|cgroup\.\w+|systemd\.unified_cgroup_hierarchy|swapaccount|numa|numa_balancing|zswap\.\w+|cma|hugetlb_\w+|movable_node|kernelcore|movablecore|vmalloc|percpu_alloc|isolcpus|nohz|nohz_full|rcu_nocbs|rcutree\.\w+|mitigations|iommu|iommu\.\w+|intel_iommu|amd_iommu|swiotlb|selinux|enforcing|apparmor|security|lsm|audit|psi|sysctl\.vm\.\w+|panic|panic_on_\w+|oops|softlockup_panic|log_buf_len|loglevel|ignore_loglevel|printk\.\w+|mem_encrypt|nokaslr|kaslr|nopti|pti|console|earlyprintk|acpi|pci|processor\.max_cstate|intel_idle\.max_cstate|idle|tsc|clocksource|threadirqs|preempt|ftrace|trace_\w+|trace_event|sysctl\.kernel\.\w+|memhp_\w+|memory_hotplug\.\w+|mem_sleep_default|cpu0_hotplug|page_frag\w*|stack_depot\w*|lockdown|efi|nomodeset|random\.trust_\w+|rootwait|rootfstype|init_mem_\w+)$/;
const PLAIN = /^[\w.,:+@%*/-]{0,120}$/;
/** `console=ttyS0,115200` and `debug_objects` are plain; what has a slash or an at sign may be a path or a place. */
const TELLING = /[/@]/;

/** Whether a parameter of the kernel's command line may stay. Others keep their names and lose their values. */
export function mayStay(name: string, value: string | undefined): boolean {
  if (!KEPT.test(name.replaceAll('-', '_'))) return false;
  return value === undefined || (PLAIN.test(value) && !TELLING.test(value));
}
