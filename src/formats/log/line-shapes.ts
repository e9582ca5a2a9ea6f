import { COMPLAINT_LINE } from './complaints.ts';

/**
 * How lines of a kernel log look that are told without their printk or syslog prefix. One expression each, because
 * they are asked at every line of every input.
 */

/** Lines that no other report has: they open a block even where the prefix is gone. */
const OPENER =
  /^\s*(?:Mem-[Ii]nfo:|(?:active_anon:\d+ inactive_anon|active_file:\d+ inactive_file|unevictable:\d+ dirty|slab_reclaimable:\d+ slab_unreclaimable|mapped:\d+ shmem|free:\d+ free_pcp):\d|Node \d+ active_anon:\d+kB|(?:Node \d+ )?(?:DMA|DMA32|Normal|HighMem|Movable) free:\d+kB\s|(?:Node \d+ )?(?:DMA|DMA32|Normal|HighMem|Movable): \d+\*\d+kB\s|SL[UA]B: Unable to allocate memory|BUG \S.{0,200}: Objects remaining|kmemleak: |Unreclaimable slab info:|Memory allocations:|\[ *pid *\] +uid +tgid +total_vm|slab error in kmem_cache_destroy|kmem_cache_destroy \S+: Slab cache still has|vmalloc error: size \d|(?:Memory cgroup out|Out) of memory: Kill|Killed process \d+ \(|oom-kill:constraint=|vmap allocation for size \d)|\S invoked oom-killer:|page allocation (?:failure|stalls)|vmalloc(?: size \d+)?:? allocation failure|allocated at module unload$/;

/** An unprefixed row of the task table: `[  341]     0   341    17174     6831 …`. */
export const TASK_ROW: RegExp =
  /^\s*\[ *(\d{1,10})\] +(\d{1,10}) +(\d{1,10}) +(\d{1,16}) +(\d{1,16}) +(-?\d+(?: +-?\d+)*) +(\S.*)$/;
export const TASK_HEADER: RegExp = /^\s*\[ *pid *\] +uid +tgid +total_vm/;

/** `name:123kB`; some names have a blank before the number. */
const AMOUNT = /[a-z_)]:\s?\d+kB/;

/** Lines that go on with a report of the kernel, prefix or not. */
const CONTINUATION =
  /^\s*(?:Call [Tt]race:|<\/?(?:TASK|IRQ|NMI|SOFTIRQ|EOI)>|[RE][A-Z0-9]{2}: |RIP: |RSP: |CR\d: |ORIG_RAX: |CPU: \d|Pid: \d|Hardware name: |Workqueue: |Modules linked in:|Code: |={20,}\s*$|-{20,}\s*$|---\[ |lowmem_reserve\[\]:|protections?\[\]:|(?:isolated_anon|active_file|unevictable|slab_reclaimable|mapped|sec_pagetables|kernel_misc_reclaimable|free|Active):\d|\d+ (?:total pagecache pages|pages (?:in swap cache|swap cached|RAM|of RAM|of HIGHMEM|HighMem|reserved|cma|hwpoisoned|shared|non-shared)|reserved pages)|Swap cache(?: stats)?:? add|(?:Free|Total) swap|Free pages:|(?:Node \d+ )?(?:DMA|DMA32|Normal|HighMem|Movable) per-cpu:|(?:CPU|cpu) +\d+[: ] *(?:hi:|hot:|cold:)|Node \d+ hugepages_total=|Tasks state|Name +Used +Total|oom_reaper: |Task in |Tasks in |memory: usage |memory\+swap: usage |swap: usage |pages_scanned:\d|all_unreclaimable\? |kmem: usage |Memory cgroup |cache: \S+, object size:|node \d+: slabs: |(?:INFO: )?(?:Object|Slab) 0x[0-9a-f]|(?:INFO: )?(?:Allocated|Freed) in |Disabling lock debugging|WARNING: )|\+0x[0-9a-f]+\/0x[0-9a-f]+|\d+\*\d+kB|\s\d+KB\s+\d+KB\s*$|\stotal:\s+[\d.]+ [kKMGT]?i?B?\s+active:| func:\w+\s*$/;

/** What clearly begins another format, prefix or not. A log ends before it. */
const FOREIGN =
  /^\s*(?:(?:kmemleak: ?)?unreferenced object 0x|slabinfo - version|# ?name +<active_objs>|allocinfo - version|Page allocated via order|Active \/ Total |Mem(?:Total|Free): +\d+ kB|Node \d+, (?:zone|Per-node)|nr_free_pages \d|total +used +free)/;
/** Rows of meminfo: `SUnreclaim:  478820 kB`. */
const MEMINFO_ROW = /^\s*[A-Z]\w+(?:\(\w+\))?: +\d+ kB\s*$/;
/** Other programs' lines in a journal: they stand between the kernel's and say nothing about memory. */
const DAEMON = /^(?:\w{3} +\d+ [\d:]{8}|\d{4}-\d\d-\d\d[T ][\d:.,]{8,})\S* \S+ [^\s:[]{1,64}(?:\[\d+\])?: /;

export const opensLog = (text: string): boolean =>
  OPENER.test(text) || TASK_ROW.test(text) || COMPLAINT_LINE.test(text);
export const beginsForeign = (text: string): boolean => FOREIGN.test(text);
export const continuesLog = (text: string): boolean => CONTINUATION.test(text) || AMOUNT.test(text) || opensLog(text);
export const isForeignRow = (text: string): boolean => MEMINFO_ROW.test(text);
export const isDaemonLine = (text: string): boolean => DAEMON.test(text);
