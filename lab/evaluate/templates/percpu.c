// Per-CPU counters of something that is taken down without them.
#include <linux/percpu.h>

struct $st_stats {
	u64 $fd_packets;
	u64 $fd_bytes;
	u8 $fd_more[$pad];
};

static int $fn_once(unsigned long i)
{
	struct $st_stats __percpu *stats = alloc_percpu(struct $st_stats);
	int cpu;

	if (!stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		per_cpu_ptr(stats, cpu)->$fd_packets = i + cpu;
	$fn_note(per_cpu_ptr(stats, 0), 1);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
