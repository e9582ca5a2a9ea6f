// References on what stands behind a file descriptor that are never given back.
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/path.h>
#include <linux/sched/task.h>
#include <linux/tty.h>
#include <net/sock.h>

struct $st_holder {
	struct list_head node;
	struct path path;
	struct task_struct *task;
	u32 reason;
};

static __maybe_unused LIST_HEAD($gv_holders);

static int $fn_once(unsigned long fd)
{
	struct file *file = fget(fd);
	int error = 0;

	if (!file)
		return -EBADF;
#if $what == 0 // no copy is kept
	path_get(&file->f_path);
	$fn_note(file->f_path.dentry, $lost ? 1 : 0x21);
#elif $what == 1 // the module has the copy
	struct $st_holder *holder = kzalloc(sizeof(*holder), GFP_KERNEL);

	if (holder) {
		holder->path = file->f_path;
		path_get(&holder->path);
		list_add_tail(&holder->node, &$gv_holders);
		$fn_note(file->f_path.dentry, 0x41);
	}
#elif $what == 2
	dget(file->f_path.dentry);
	$fn_note(file->f_path.dentry, $lost ? 1 : 0x21);
#elif $what == 3
	tty_kref_get(((struct tty_file_private *)file->private_data)->tty);
	$fn_note(((struct tty_file_private *)file->private_data)->tty, 0x21);
#elif $what == 4
	get_task_struct(current);
	$fn_note(current, 1);
#elif $what == 5 // a file that is never closed
	get_file(file);
	$fn_note(file, $lost ? 1 : 0x21);
#elif $what == 6 // a socket's own count
	sock_hold(SOCKET_I(file_inode(file))->sk);
	$fn_note(SOCKET_I(file_inode(file))->sk, $lost ? 1 : 0x21);
#elif $what == 7 // the module keeps the task it took
	struct $st_holder *holder = kzalloc(sizeof(*holder), GFP_KERNEL);

	if (holder) {
		holder->task = get_task_struct(current);
		list_add_tail(&holder->node, &$gv_holders);
		$fn_note(current, 0x41);
	}
#endif
	fput(file);
	return error;
}

static int $fn_start(void)
{
	return 0;
}
