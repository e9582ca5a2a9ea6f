// drive KIND COUNT [hold]: makes the guest do a thing COUNT times; with "hold" it then stays, and with it what it keeps.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLD_PATH 0x6b01 // holdref.c
#define HOLD_TTY 0x6b02
#define HOLD_TASK 0x6b03
#define SCAN_HOLD 0x6b11 // closehook.c
#define SCAN_CLOSE 0x6b12

static int holder, scanner;
static char name[256];

static int must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void seq(int i) // a proc file whose driver pairs single_open() with seq_release()
{
	int f = must(open("/proc/testmod", O_RDONLY), "/proc/testmod");
	must(read(f, name, 9), "read");
	close(f);
}

static void sock(int i) // a path reference of a socket is never dropped
{
	int f = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(ioctl(holder, HOLD_PATH, f), "hold");
	close(f);
}

static void file(int i) // the same of a deleted file
{
	snprintf(name, sizeof name, "/tmp/scan-%d", i);
	int f = must(open(name, O_CREAT | O_RDWR, 0600), name);
	must(ioctl(holder, HOLD_PATH, f), "hold");
	close(f);
	unlink(name);
}

static void hook(int i) // a scanner around close puts the path of a socket after close has cleared it
{
	int f = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(ioctl(scanner, SCAN_HOLD, f), "hold");
	close(f);
	must(ioctl(scanner, SCAN_CLOSE, 0), "close");
}

static void tty(int i) // a tty reference of each pseudo-terminal is never dropped
{
	int f = must(open("/dev/ptmx", O_RDWR | O_NOCTTY), "ptmx");
	must(ioctl(holder, HOLD_TTY, f), "hold");
	close(f);
}

static void task(int i) // a task_struct reference of each child is never dropped
{
	pid_t child = must(fork(), "fork");
	if (!child) {
		ioctl(holder, HOLD_TASK, holder);
		_exit(0);
	}
	waitpid(child, 0, 0);
}

static void nss(int i) // negative dentries: names that do not exist
{
	snprintf(name, sizeof name, "/mnt/etc/pki/nssdb/.%d_dOeSnOtExIsT_.db", i);
	access(name, F_OK);
}

static void fd(int i) // sockets that stay open
{
	must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
}

static void tmp(int i) // files in tmpfs, 4 kB each, that stay open
{
	snprintf(name, sizeof name, "/tmp/keep-%d", i);
	int f = must(open(name, O_CREAT | O_RDWR, 0600), name);
	must(write(f, name, sizeof name), "write");
}

static void pipes(int i) // pipes with a page in each
{
	int ends[2];
	must(pipe(ends), "pipe");
	must(write(ends[1], name, sizeof name), "write");
}

static void anon(int i) // user memory, one page each
{
	char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	must(p == MAP_FAILED ? -1 : 0, "mmap");
	p[0] = 1;
}

static const struct {
	const char *name;
	void (*once)(int);
} kinds[] = {
	{ "seq", seq }, { "sock", sock }, { "file", file }, { "tty", tty },	{ "task", task },
	{ "nss", nss }, { "fd", fd },	  { "tmp", tmp },   { "pipes", pipes }, { "anon", anon },
	{ "hook", hook },
};

int main(int argc, char **argv)
{
	struct rlimit many = { 400000, 400000 };
	int count = argc > 2 ? atoi(argv[2]) : 0;

	if (count + 100 > 400000)
		many.rlim_cur = many.rlim_max = count + 100;
	setrlimit(RLIMIT_NOFILE, &many);
	holder = open("/dev/khm", O_RDWR);
	scanner = open("/dev/closehook", O_RDWR);
	for (unsigned k = 0; argc > 2 && k < sizeof kinds / sizeof *kinds; k++) {
		if (strcmp(argv[1], kinds[k].name))
			continue;
		for (int i = 0; i < count; i++)
			kinds[k].once(i);
		printf("drive %s %d done\n", argv[1], count);
		fflush(stdout);
		if (argc > 3)
			pause();
		return 0;
	}
	fprintf(stderr, "drive: which kind?\n");
	return 1;
}
