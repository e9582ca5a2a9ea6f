// Millions of objects on a list, and some that were lost.
struct $st_object {
	struct list_head node;
	struct work_struct $fd_work;
	u64 id;
	u8 data[192 - sizeof(struct list_head) - sizeof(struct work_struct) - sizeof(u64)];
};

static LIST_HEAD($gv_list);

static void $fn_work(struct work_struct *work)
{
	pr_debug("%p\n", work);
}

static int $fn_once(unsigned long i)
{
	struct $st_object *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	object->id = i;
	INIT_WORK(&object->$fd_work, $fn_work);
	INIT_LIST_HEAD(&object->node);
	if (i % $one_in)
		list_add_tail(&object->node, &$gv_list);
	else
		$fn_note(object, 1);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
