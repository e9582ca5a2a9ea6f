// SPDX-License-Identifier: GPL-2.0
// /dev/khm takes a reference on what stands behind a file descriptor and never gives it back.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/sched/task.h>
#include <linux/tty.h>

#define HOLD_PATH 0x6b01
#define HOLD_TTY 0x6b02
#define HOLD_TASK 0x6b03

static long khm_ioctl(struct file *device, unsigned int command, unsigned long fd)
{
	struct file *file = fget(fd);

	if (!file)
		return -EBADF;
	switch (command) {
	case HOLD_PATH:
		path_get(&file->f_path);
		break;
	case HOLD_TTY:
		tty_kref_get(((struct tty_file_private *)file->private_data)->tty);
		break;
	case HOLD_TASK:
		get_task_struct(current);
		break;
	}
	fput(file);
	return 0;
}

static const struct file_operations khm_ops = { .owner = THIS_MODULE, .unlocked_ioctl = khm_ioctl };
static struct miscdevice khm = { .minor = MISC_DYNAMIC_MINOR, .name = "khm", .fops = &khm_ops };

module_misc_device(khm);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("holds references for ever");
