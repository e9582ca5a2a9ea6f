// SPDX-License-Identifier: GPL-2.0
// A receive ring that overwrites the page pointer of a slot: order=1 total=12000 leaves 11488 blocks that no counter explains.
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#define SLOTS 512

static int order = 1;
module_param(order, int, 0444);
static int total = 20000;
module_param(total, int, 0444);

struct rx_buffer {
	dma_addr_t dma;
	struct page *page;
	u32 page_offset;
	u16 pagecnt_bias;
};

static struct rx_buffer *ring;
static struct task_struct *poller;

static bool x40_alloc_mapped_page(struct rx_buffer *buffer)
{
	struct page *page = alloc_pages_node(NUMA_NO_NODE, GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN, order);

	if (!page)
		return false;
	memset(page_address(page), 0, 64);
	buffer->page = page;
	buffer->page_offset = 0;
	buffer->pagecnt_bias = 1;
	return true;
}

static int x40_poll(void *unused)
{
	int filled = 0, slot = 0;

	while (!kthread_should_stop()) {
		int n;

		for (n = 0; n < 64 && filled < total; n++, slot = (slot + 1) % SLOTS)
			filled += x40_alloc_mapped_page(&ring[slot]);
		msleep(1);
	}
	return 0;
}

static int __init x40_init(void)
{
	ring = kcalloc(SLOTS, sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	poller = kthread_run(x40_poll, NULL, "x40_napi");
	return PTR_ERR_OR_ZERO(poller);
}

static void __exit x40_exit(void)
{
	kthread_stop(poller);
	kfree(ring);
}

module_init(x40_init);
module_exit(x40_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("loses the pages of a receive ring");
