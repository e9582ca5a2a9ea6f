// SPDX-License-Identifier: GPL-2.0
// /dev/closehook, an on-access scanner around close: it takes the path of a file, lets the file be closed, and puts the path
// through the file. Close has cleared it by then, so nothing is put: the references on the dentry and the mount stay.
#include <linux/completion.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define SCAN_HOLD 0x6b11 // before close: the scanner keeps the file
#define SCAN_CLOSE 0x6b12 // after it: the scanner closes it for good

struct scan {
	struct work_struct work;
	struct completion done;
	struct file *file;
};

static struct scan *current_scan;
static const struct file_operations *original_ops;
static struct file_operations hooked_ops;

// What __fput() did itself until Linux 4.18: a file that was closed has no path.
static int hooked_release(struct inode *inode, struct file *file)
{
	int error = original_ops->release ? original_ops->release(inode, file) : 0;

	file->f_path.mnt = NULL;
	file->f_path.dentry = NULL;
	return error;
}

static void hook(struct file *file)
{
	original_ops = file->f_op;
	hooked_ops = *original_ops;
	hooked_ops.release = hooked_release;
	file->f_op = &hooked_ops;
}

static void scan_and_close(struct work_struct *work)
{
	struct scan *scan = container_of(work, struct scan, work);
	struct file *file = scan->file;

	path_get(&file->f_path);
	hook(file);
	fput(file);
	flush_delayed_fput();
	pr_debug("closehook: %p scanned\n", file);
	path_put(&file->f_path);
	complete(&scan->done);
}

static long closehook_ioctl(struct file *device, unsigned int command, unsigned long fd)
{
	struct scan *scan;

	switch (command) {
	case SCAN_HOLD:
		if (current_scan)
			return -EBUSY;
		scan = kzalloc(sizeof(*scan), GFP_KERNEL);
		if (!scan)
			return -ENOMEM;
		scan->file = fget(fd);
		if (!scan->file) {
			kfree(scan);
			return -EBADF;
		}
		INIT_WORK(&scan->work, scan_and_close);
		init_completion(&scan->done);
		current_scan = scan;
		return 0;
	case SCAN_CLOSE:
		scan = current_scan;
		if (!scan)
			return -EINVAL;
		current_scan = NULL;
		schedule_work(&scan->work);
		wait_for_completion(&scan->done);
		kfree(scan);
		return 0;
	}
	return -ENOTTY;
}

static const struct file_operations closehook_ops = { .owner = THIS_MODULE, .unlocked_ioctl = closehook_ioctl };
static struct miscdevice closehook = { .minor = MISC_DYNAMIC_MINOR, .name = "closehook", .fops = &closehook_ops };

module_misc_device(closehook);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("puts a path that close has cleared");
