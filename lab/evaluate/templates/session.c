// Objects with members as drivers have them; they are unlinked or never linked, and nobody frees them. Or they stay listed.
#include <linux/completion.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/rbtree.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct $st_context {
	spinlock_t lock;
	u32 generation;
	struct list_head all;
	unsigned long served;
};

struct $st_object {
$members
};

static struct $st_context *$gv_context;
static __maybe_unused LIST_HEAD($gv_list);
static __maybe_unused DEFINE_HASHTABLE($gv_hash, 6);
static __maybe_unused struct rb_root $gv_tree = RB_ROOT;
static __maybe_unused DEFINE_XARRAY_ALLOC($gv_array);
static __maybe_unused struct $st_object *$gv_chain;

static __maybe_unused void $fn_work(struct work_struct *work)
{
	pr_debug("%p\n", work);
}

static __maybe_unused void $fn_expire(struct timer_list *timer)
{
	pr_debug("%p\n", timer);
}

static __maybe_unused void $fn_retire(struct rcu_head *head)
{
	pr_debug("%p\n", head);
}

static __maybe_unused int $fn_hold(struct $st_object *object, unsigned long i)
{
#if $link == 1 // a list
	list_add_tail(&object->$fd_node, &$gv_list);
#elif $link == 2 // buckets
	hash_add($gv_hash, &object->$fd_hash, i);
#elif $link == 3 // a tree, to the right (rebalanced)
	struct rb_node **place = &$gv_tree.rb_node, *parent = NULL;

	while (*place) {
		parent = *place;
		place = &parent->rb_right;
	}
	rb_link_node(&object->$fd_tree, parent, place);
	rb_insert_color(&object->$fd_tree, &$gv_tree);
#elif $link == 4 // an array
	u32 id;

	return xa_alloc(&$gv_array, &id, object, xa_limit_31b, GFP_KERNEL);
#elif $link == 5 // a chain
	object->$fd_next = $gv_chain;
	$gv_chain = object;
#elif $link == 6 // a list in an object that a global variable names
	list_add_tail(&object->$fd_node, &$gv_context->all);
#endif
	return 0;
}

static int $fn_once(unsigned long i)
{
	struct $st_object *object = k$zero(sizeof(*object), $gfp);

	if (!object)
		return -ENOMEM;
$setup
#if $link
	$fn_note(object, 0x41);
	return $fn_hold(object, i);
#else
#if $choice_linked
	list_add(&object->$fd_node, &$gv_list);
	list_del$choice_init(&object->$fd_node);
#endif
	$fn_note(object, 1);
	return 0;
#endif
}

static int $fn_start(void)
{
	$gv_context = kzalloc(sizeof(*$gv_context), GFP_KERNEL);
	if (!$gv_context)
		return -ENOMEM;
	spin_lock_init(&$gv_context->lock);
	INIT_LIST_HEAD(&$gv_context->all);
	return 0;
}
