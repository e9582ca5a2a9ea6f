// Objects of a cache of the module's own.
struct $st_object {
	u64 id;
	struct $st_object *self_or_null;
	u32 state;
	u8 data[$size];
};

static struct kmem_cache *$gv_cache;

static __maybe_unused void $fn_construct(void *object)
{
	memset(object, 0, sizeof(struct $st_object));
}

static int $fn_once(unsigned long i)
{
	struct $st_object *object = kmem_cache_alloc($gv_cache, GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	object->id = i;
	object->state = 3;
	$fn_note(object, 1);
	return 0;
}

static int $fn_start(void)
{
	// A constructor keeps a cache from being merged with others of its size.
	$gv_cache = kmem_cache_create("$cache", sizeof(struct $st_object), 0, $choice_flags, $choice_own ? $fn_construct : NULL);
	return $gv_cache ? 0 : -ENOMEM;
}
