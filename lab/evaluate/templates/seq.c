// A file of /proc that is opened with single_open() and released with seq_release(): each close leaves a seq_operations.
static int $fn_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s %u\n", "$word", $number);
	return 0;
}

static int $fn_open(struct inode *inode, struct file *file)
{
	int error = $choice_open ? single_open_size(file, $fn_show, NULL, 512) : single_open(file, $fn_show, NULL);

	if (!error)
		$fn_note(((struct seq_file *)file->private_data)->op, 1);
	return error;
}

static const struct proc_ops $gv_ops = {
	.proc_open = $fn_open, .proc_read = seq_read, .proc_lseek = seq_lseek, .proc_release = seq_release,
};

static int $fn_once(unsigned long i)
{
	return -EINVAL;
}

static int $fn_start(void)
{
	return proc_create("$device", 0444, NULL, &$gv_ops) ? 0 : -ENOMEM;
}
