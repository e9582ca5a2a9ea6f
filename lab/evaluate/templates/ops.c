// Objects that point to a constant table of the module's functions.
struct $st_object;

struct $st_ops {
	int (*start)(struct $st_object *object, u32 flags);
	void (*stop)(struct $st_object *object);
	ssize_t (*push)(struct $st_object *object, const void *data, size_t length);
};

struct $st_object {
$members
};

static int $fn_begin(struct $st_object *object, u32 flags)
{
	return flags;
}

static void $fn_end(struct $st_object *object)
{
}

static ssize_t $fn_push(struct $st_object *object, const void *data, size_t length)
{
	return length;
}

static const struct $st_ops $gv_table = { .start = $fn_begin, .stop = $fn_end, .push = $fn_push };

static int $fn_once(unsigned long i)
{
	struct $st_object *object = k$zero(sizeof(*object), $gfp);

	if (!object)
		return -ENOMEM;
$setup
	$fn_note(object, 1);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
