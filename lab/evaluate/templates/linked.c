// A parent and its children, lost together.
struct $st_child {
	struct list_head sibling;
	struct $st_parent *parent;
	u32 index;
	u8 data[$child];
};

struct $st_parent {
	struct list_head children;
	u32 id, count;
	struct work_struct $fd_work;
	char *label;
	u8 data[$size];
};

static void $fn_work(struct work_struct *work)
{
	pr_debug("%p\n", work);
}

static int $fn_once(unsigned long i)
{
	struct $st_parent *parent = kzalloc(sizeof(*parent), $gfp);
	u32 n;

	if (!parent)
		return -ENOMEM;
	INIT_LIST_HEAD(&parent->children);
	INIT_WORK(&parent->$fd_work, $fn_work);
	parent->id = i;
	parent->label = kasprintf($gfp, "$word-%lu", i);
	$fn_note(parent, 1);
	$fn_note(parent->label, 3);
	for (n = 0; n < $children; n++) {
		struct $st_child *child = kzalloc(sizeof(*child), $gfp);

		if (!child)
			return -ENOMEM;
		child->parent = parent;
		child->index = n;
		list_add_tail(&child->sibling, &parent->children);
		$fn_note(child, 2);
	}
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
