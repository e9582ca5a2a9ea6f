// vmalloc areas, or kmalloc() of more than a slab has.
static int $fn_once(unsigned long i)
{
	void *area = $choice_vmalloc ? vzalloc($size) : kmalloc($size, GFP_KERNEL);

	if (!area)
		return -ENOMEM;
	memset(area, $byte, 100);
	$fn_note(area, 1);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
