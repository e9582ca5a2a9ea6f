"""Guests in which nothing leaks although much is going on when their memory is taken. Shell commands, by name."""


def loops(*lines):
    return [f"while :; do {line}; done >/dev/null 2>&1 &" for line in lines]


CGROUPS = [
    "mkdir -p /tmp/cg",
    "mount -t cgroup2 c /tmp/cg",
    "echo +memory +pids > /tmp/cg/cgroup.subtree_control",
]
WORK = [f"work loop {what} >/dev/null 2>&1 &" for what in ("tcp", "udp", "unix", "pipe", "thread", "watch", "/tmp", "/mnt")]

HEALTHY = {
    "quiet": [],
    "busy": WORK + ["sleep 6"],
    "cgroups": [
        *CGROUPS,
        *loops(
            "i=$((i+1)); mkdir /tmp/cg/g$((i%8)); sh -c 'echo $$ > /tmp/cg/g'$((i%8))'/cgroup.procs; ls -lR /sys/class; "
            "dd if=/dev/zero of=/tmp/z'$((i%8))' bs=4k count=50'; rmdir /tmp/cg/g$(((i+3)%8))",
            "mkdir -p /tmp/m; mount -t tmpfs m /tmp/m; cp /bin/work /tmp/m; umount /tmp/m",
        ),
        "work loop /mnt >/dev/null 2>&1 &",
        "sleep 8",
    ],
    "zombies": ["work hold zombie 600 &", "sleep 6"],
    "sockets": ["work hold unix 40000 &", "sleep 6"],
    "held": ["work hold udp 5000 &", "work hold pipe 2000 &", "work hold tmp 5000 &", "work hold epoll 3000 &", "work hold event 3000 &", "sleep 6"],
    "files": [
        "mkdir -p /mnt/etc/pki/nssdb",
        "drive nss 20000 2>/dev/null",
        *loops("find / -xdev -name '*x*'", "cp -r /sys/class /tmp/class; rm -rf /tmp/class", "md5sum /bin/*; sort /proc/kallsyms | head -3"),
        "work loop /mnt >/dev/null 2>&1 &",
        "sleep 6",
    ],
}
