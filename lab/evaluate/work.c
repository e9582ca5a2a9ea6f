// What guests of the evaluation do: drive a module, keep things open, or work for ever at what a healthy machine does.
//   work open PATH COUNT          opens, reads and closes a file
//   work refs PATH WHAT COUNT     makes a thing, gives its descriptor to a module, and closes it
//   work hold WHAT COUNT          keeps things open
//   work loop WHAT                for ever
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[4096], path[256];

static int must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static int make(const char *what, int i)
{
	int ends[2];

	if (!strcmp(what, "tcp"))
		return socket(AF_INET, SOCK_STREAM, 0);
	if (!strcmp(what, "udp"))
		return socket(AF_INET, SOCK_DGRAM, 0);
	if (!strcmp(what, "unix"))
		return socket(AF_UNIX, SOCK_STREAM, 0);
	if (!strcmp(what, "tty"))
		return open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (!strcmp(what, "event"))
		return eventfd(0, 0);
	if (!strcmp(what, "epoll"))
		return epoll_create1(0);
	if (!strcmp(what, "timer"))
		return timerfd_create(CLOCK_MONOTONIC, 0);
	if (!strcmp(what, "pipe")) {
		must(pipe(ends), "pipe");
		close(ends[1]);
		return ends[0];
	}
	if (!strcmp(what, "zombie")) { // a child that nobody waits for
		if (!must(fork(), "fork"))
			_exit(0);
		return 0;
	}
	snprintf(path, sizeof path, "%s/item-%d", !strcmp(what, "disk") ? "/mnt" : "/tmp", i);
	int f = open(path, O_CREAT | O_RDWR, 0600);
	if (f >= 0 && write(f, path, sizeof path) < 0)
		perror(path);
	unlink(path);
	return f;
}

static void give(const char *control, int number)
{
	int f = must(open(control, O_WRONLY), control);
	char digits[20];

	must(write(f, digits, snprintf(digits, sizeof digits, "%d", number)), "write to the module");
	close(f);
}

static void refs(const char *control, const char *what, int count)
{
	for (int i = 0; i < count; i++) {
		if (!strcmp(what, "task")) {
			if (!must(fork(), "fork")) {
				give(control, 1);
				_exit(0);
			}
			wait(0);
			continue;
		}
		int f = must(make(what, i), what);
		give(control, f);
		close(f);
	}
}

static void tcp_loop(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(8000), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	must(bind(server, (void *)&at, sizeof at), "bind");
	listen(server, 64);
	if (!fork())
		for (;;) {
			int c = accept(server, 0, 0);
			ssize_t n;
			while ((n = read(c, text, sizeof text)) > 0)
				if (write(c, text, n) < 0)
					break;
			close(c);
		}
	for (int i = 0;; i++) {
		int c = socket(AF_INET, SOCK_STREAM, 0);
		if (!connect(c, (void *)&at, sizeof at))
			for (int k = 0; k < i % 40; k++)
				if (write(c, text, 1 + 97 * k % 4000) < 0 || read(c, text, sizeof text) < 0)
					break;
		close(c);
	}
}

static void udp_loop(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(9000), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int to = socket(AF_INET, SOCK_DGRAM, 0), from = socket(AF_INET, SOCK_DGRAM, 0);

	must(bind(to, (void *)&at, sizeof at), "bind");
	for (int i = 0;; i++) {
		for (int k = 0; k < 8; k++)
			sendto(from, text, 100 + 13 * i % 1200, 0, (void *)&at, sizeof at);
		for (int k = 0; k < 6; k++)
			recv(to, text, sizeof text, MSG_DONTWAIT);
	}
}

static void unix_loop(void)
{
	for (int i = 0;; i++) {
		int ends[2], passed = open("/tmp", O_RDONLY);
		char room[CMSG_SPACE(sizeof(int))] = { 0 };
		struct iovec part = { text, 50 };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);

		must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
		c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof passed);
		sendmsg(ends[0], &message, 0);
		close(passed);
		if (i % 3 && recvmsg(ends[1], &message, 0) > 0) { // else it goes with the socket
			memcpy(&passed, CMSG_DATA(c), sizeof passed);
			close(passed);
		}
		close(ends[0]);
		close(ends[1]);
	}
}

static void file_loop(const char *folder)
{
	char other[256];

	for (int i = 0;; i++) {
		snprintf(path, sizeof path, "%s/w-%d", folder, i % 200);
		snprintf(other, sizeof other, "%s/x-%d", folder, (i * 7) % 200);
		int f = open(path, O_CREAT | O_RDWR, 0600);
		if (f < 0 || write(f, text, 1 + i * 131 % 4096) < 0) {
			unlink(path);
			unlink(other);
		}
		if (i % 5 == 0)
			fsync(f);
		close(f);
		if (i % 2)
			rename(path, other);
		else
			unlink(other);
		if (i % 11 == 0) {
			mkdir(strcat(other, ".d"), 0700);
			rmdir(other);
		}
	}
}

static void pipe_loop(void)
{
	for (int i = 0;; i++) {
		int ends[2];
		must(pipe(ends), "pipe");
		must(write(ends[1], text, 4096), "write");
		if (!must(fork(), "fork")) {
			must(read(ends[0], text, 2000), "read");
			_exit(0);
		}
		wait(0);
		close(ends[0]);
		close(ends[1]);
	}
}

static void *thread(void *count)
{
	++*(int *)count;
	return mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

static void thread_loop(void)
{
	for (int n = 0;;) {
		pthread_t threads[8];
		void *kept;
		for (int i = 0; i < 8; i++)
			pthread_create(&threads[i], 0, thread, &n);
		for (int i = 0; i < 8; i++) {
			pthread_join(threads[i], &kept);
			munmap(kept, 65536);
		}
	}
}

static void watch_loop(void)
{
	for (int i = 0;; i++) {
		int e = epoll_create1(0), t = timerfd_create(CLOCK_MONOTONIC, 0), v = eventfd(0, 0), n = inotify_init();
		struct epoll_event event = { .events = EPOLLIN };
		struct itimerspec soon = { .it_value = { 0, 1000 + i % 100000 } };

		epoll_ctl(e, EPOLL_CTL_ADD, t, &event);
		epoll_ctl(e, EPOLL_CTL_ADD, v, &event);
		epoll_ctl(e, EPOLL_CTL_ADD, n, &event);
		timerfd_settime(t, 0, &soon, 0);
		inotify_add_watch(n, "/tmp", IN_ALL_EVENTS);
		epoll_wait(e, &event, 1, 2);
		close(t), close(v), close(n), close(e);
	}
}

static void loop(const char *what)
{
	if (!strcmp(what, "tcp"))
		tcp_loop();
	if (!strcmp(what, "udp"))
		udp_loop();
	if (!strcmp(what, "unix"))
		unix_loop();
	if (!strcmp(what, "pipe"))
		pipe_loop();
	if (!strcmp(what, "thread"))
		thread_loop();
	if (!strcmp(what, "watch"))
		watch_loop();
	file_loop(what); // a folder
}

int main(int argc, char **argv)
{
	struct rlimit many = { 500000, 500000 };
	int count = argc > 3 ? atoi(argv[argc - 1]) : 0;

	setrlimit(RLIMIT_NOFILE, &many);
	if (argc < 3)
		return 1;
	if (!strcmp(argv[1], "loop"))
		loop(argv[2]);
	else if (!strcmp(argv[1], "refs") && argc > 4)
		refs(argv[2], argv[3], count);
	else if (!strcmp(argv[1], "open"))
		for (int i = 0; i < count; i++) {
			int f = must(open(argv[2], O_RDONLY), argv[2]);
			must(read(f, text, 9), "read");
			close(f);
		}
	else if (!strcmp(argv[1], "hold")) {
		for (int i = 0; i < count; i++)
			must(make(argv[2], i), argv[2]);
		printf("holds %d %s\n", count, argv[2]);
		fflush(stdout);
		pause();
	}
	return 0;
}
