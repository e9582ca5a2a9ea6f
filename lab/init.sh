#!/bin/busybox sh
# The guest's first program: mounts, loads what the lab needs, runs COMMANDS (written behind this by guest.py).
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc
mount -t sysfs s /sys
mount -t devtmpfs d /dev
mkdir -p /dev/pts /mnt
mount -t devpts p /dev/pts
mount -t tmpfs t /tmp
mount -t debugfs d /sys/kernel/debug 2>/dev/null
for k in qemu_fw_cfg loop virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do [ -e /mod/$k.ko ] && insmod /mod/$k.ko; done
if losetup /dev/loop0 /ext4.img && mount -t ext4 /dev/loop0 /mnt; then
  mkdir -p /mnt/etc/pki/nssdb
else
  echo "no ext4 here"
fi

# A file for the machine outside: guest.py cuts them out of the serial log.
show() {
  [ -e "$2" ] || return 0
  echo "@@@ $1"
  cat "$2"
}

# snap LABEL: the /proc files that kleak reads.
snap() {
  for f in meminfo slabinfo buddyinfo zoneinfo vmstat vmallocinfo pagetypeinfo uptime version modules allocinfo loadavg \
    iomem net/sockstat sys/fs/dentry-state sys/fs/file-nr sys/fs/inode-state cgroups cmdline; do
    show "$1/${f##*/}" /proc/$f
  done
  echo "@@@ $1/sys_slab_links"
  ls -l /sys/kernel/slab | sed 's/.* \([^ ]* -> .*\)/\1;/->/!d'
  echo "@@@ $1/ps"
  ps
  if [ "$1" = end ]; then
    for f in kmemleak page_owner; do
      [ -e /sys/kernel/debug/$f ] && { echo "@@@ $1/$f"; head -c 400000 /sys/kernel/debug/$f; echo; }
    done
  fi
  echo "@@@ -"
}

# symbols LABEL: /proc/kallsyms, some megabytes, for kernels whose dump does not hold its own.
symbols() {
  show "$1/kallsyms" /proc/kallsyms
  echo "@@@ -"
}
