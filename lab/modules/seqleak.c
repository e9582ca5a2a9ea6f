// SPDX-License-Identifier: GPL-2.0
// /proc/testmod pairs single_open() with seq_release(): each close leaves a struct seq_operations behind.
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static int TestMod_ProcContentSeqShow(struct seq_file *m, void *v)
{
	seq_puts(m, "ok\n");
	return 0;
}

static int testmod_open(struct inode *inode, struct file *file)
{
	return single_open(file, TestMod_ProcContentSeqShow, NULL);
}

static const struct proc_ops testmod_ops = {
	.proc_open = testmod_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release,
};

static int __init testmod_init(void)
{
	return proc_create("testmod", 0444, NULL, &testmod_ops) ? 0 : -ENOMEM;
}

static void __exit testmod_exit(void)
{
	remove_proc_entry("testmod", NULL);
}

module_init(testmod_init);
module_exit(testmod_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("leaks seq_operations");
