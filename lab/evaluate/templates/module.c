// SPDX-License-Identifier: GPL-2.0
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

// What was planted, for those who judge: addresses inverted, so that they are no references, with a tag in the top byte.
static u64 *$gv_ledger;
static u64 $gv_noted;

static __maybe_unused void $fn_note(const void *object, u64 tag)
{
	if ($gv_noted < $ledger)
		$gv_ledger[$gv_noted++] = (~(u64)(unsigned long)object & ~(0xffULL << 56)) | tag << 56;
}

$body

static ssize_t $fn_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	unsigned long n, i;
	int error = kstrtoul_from_user(from, length, 0, &n);

	if (error)
		return error;
	for (i = 0; i < ($single ? 1 : n); i++) {
		error = $fn_once($single ? n : i);
		if (error)
			return error;
		cond_resched();
	}
	return length;
}

static const struct proc_ops $gv_control = { .proc_write = $fn_write };

static int __init $fn_init(void)
{
	$gv_ledger = vzalloc($ledger * sizeof(u64));
	if (!$gv_ledger || !proc_create("$control", 0600, NULL, &$gv_control))
		return -ENOMEM;
	return $fn_start();
}

module_init($fn_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("$description");
