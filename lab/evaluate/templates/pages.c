// Pages of the page allocator: a ring whose slots are overwritten, a list that forgets, or blocks nobody ever kept.
struct $st_slot {
	dma_addr_t dma;
	struct page *page;
	u32 offset;
};

static struct $st_slot *$gv_ring;
static __maybe_unused LIST_HEAD($gv_pages);

static int $fn_once(unsigned long i)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN $compound, $order);

	if (!page)
		return -ENOMEM;
	memset(page_address(page), $byte, 64);
#if $way == 0
	if ($gv_ring[i % $slots].page)
		$fn_note(page_address($gv_ring[i % $slots].page), 1);
	$gv_ring[i % $slots].page = page;
#elif $way == 1
	list_add_tail(&page->lru, &$gv_pages);
	list_del_init(&page->lru);
	$fn_note(page_address(page), 1);
#elif $way == 2
	list_add_tail(&page->lru, &$gv_pages); // and there it stays: not lost
	$fn_note(page_address(page), 0x41);
#else
	$fn_note(page_address(page), 1);
#endif
	return 0;
}

static int $fn_start(void)
{
	$gv_ring = kcalloc($slots, sizeof(*$gv_ring), GFP_KERNEL);
	return $gv_ring ? 0 : -ENOMEM;
}
