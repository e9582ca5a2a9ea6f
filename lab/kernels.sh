#!/bin/bash
# kernels.sh RECIPE…: sets up the kernel of each recipe where it is not yet, runs the standard guest on it, dumps its memory.
# The dumps are LAB_WORK/out/RECIPE/vmcore.elf (no virtual addresses), .paging (with), .filtered (makedumpfile -d 31 -c).
set -euo pipefail
. "$(dirname "$0")/packages.sh"

STANDARD='snap start
if insmod /mod/seqleak.ko; then drive seq 20000; fi
if insmod /mod/holdref.ko; then drive sock 2000; fi
drive nss 5000
drive fd 5000 hold & drive tmp 1000 hold & drive pipes 200 hold & drive anon 2000 hold &
sleep 2
snap end
symbols end'

kernel() { # kernel NAME SUITE IMAGE [ARCH]
  [ -e "$LAB_WORK/kernels/$1/ready" ] || { "$LAB/setup.sh" "$@" && touch "$LAB_WORK/kernels/$1/ready"; }
}

build() { # build NAME ARCH SOURCE OPTION…
  [ -e "$LAB_WORK/kernels/$1/ready" ] || { "$LAB/build-kernel.sh" "$@" && touch "$LAB_WORK/kernels/$1/ready"; }
}

SLUB=(SLUB=y SLUB_DEBUG=y SLUB_CPU_PARTIAL=y)
OWN_SYMBOLS=(KALLSYMS_ALL=y DEBUG_INFO_BTF=y)

guest() { # guest NAME KERNEL [OPTION…]
  local name=$1 kernel=$2
  shift 2
  "$LAB/guest.py" "$name" "$STANDARD" --kernel "$kernel" --mem "${MEM:-160}" --dump elf,paging --timeout 400 "$@"
  "$LAB/filter.sh" "$LAB_WORK/out/$name" || echo "$name: makedumpfile failed"
}

hook() { # hook NAME KERNEL: the file hook of closehook.c
  "$LAB/guest.py" "$1" 'ifconfig lo 127.0.0.1 up; insmod /mod/closehook.ko; drive hook 100; snap start; drive hook 6000; snap end' \
    --kernel "$2" --dump elf
}

small() { # small NAME KERNEL [OPTION…]: the dumps of fixtures/dumps
  local name=$1 kernel=$2
  shift 2
  "$LAB/guest.py" "$name" 'snap start; insmod /mod/seqleak.ko; drive seq 5000; drive fd 200 hold & drive tmp 100 hold & sleep 2; snap end' \
    --kernel "$kernel" --mem 64 --dump elf,paging --timeout 200 "$@"
  "$LAB/filter.sh" "$LAB_WORK/out/$name" 31 ''
  zstd --ultra -22 -q -f "$LAB_WORK/out/$name/vmcore.filtered" -o "$LAB_WORK/out/$name/vmcore.zst"
}

for recipe; do
  echo "== $recipe"
  case $recipe in
    6.1) kernel 6.1 - linux-image-cloud-amd64 && guest 6.1 6.1 ;;
    5.10) kernel 5.10 bullseye "${IMAGE:-linux-image-cloud-amd64}" && guest 5.10 5.10 ;;
    6.12) kernel 6.12 trixie linux-image-cloud-amd64 && guest 6.12 6.12 ;;
    backports) kernel backports trixie-backports linux-image-cloud-amd64 && guest backports backports ;;
    sid) kernel sid sid linux-image-cloud-amd64 && guest sid sid ;;
    arm64) kernel arm64 - linux-image-cloud-arm64 arm64 && guest arm64 arm64 --arch aarch64 ;;
    arm64-16k) kernel arm64-16k trixie linux-image-arm64-16k arm64 && MEM=256 guest arm64-16k arm64-16k --arch aarch64 --cpu max,pauth-impdef=on ;;
    closehook-6.1) kernel 6.1 - linux-image-cloud-amd64 && hook closehook-6.1 6.1 ;;
    closehook-6.12) kernel 6.12 trixie linux-image-cloud-amd64 && hook closehook-6.12 6.12 ;;
    # the same kernel otherwise
    6.1-debug) kernel 6.1 - linux-image-cloud-amd64 && guest 6.1-debug 6.1 --append slub_debug=FZPU ;;
    6.1-4level) kernel 6.1 - linux-image-cloud-amd64 && guest 6.1-4level 6.1 --append no5lvl ;;
    6.1-nokaslr) kernel 6.1 - linux-image-cloud-amd64 && guest 6.1-nokaslr 6.1 --append 'no5lvl nokaslr' ;;
    6.1-qemu64) kernel 6.1 - linux-image-cloud-amd64 && guest 6.1-qemu64 6.1 --cpu qemu64 --smp 4 ;;
    tiny-slub) build tiny-slub x86_64 6.1 "${SLUB[@]}" "${OWN_SYMBOLS[@]}" && small tiny-slub tiny-slub ;;
    tiny-arm64-slab)
      build tiny-arm64-slab arm64 6.1 SLAB=y "${OWN_SYMBOLS[@]}" && small tiny-arm64-slab tiny-arm64-slab --arch aarch64
      ;;
    plain) build plain x86_64 6.1 "${SLUB[@]}" && MEM=96 guest plain plain ;;
    owner)
      build owner x86_64 6.1 "${SLUB[@]}" "${OWN_SYMBOLS[@]}" PAGE_OWNER=y SLAB_FREELIST_HARDENED=y SLAB_FREELIST_RANDOM=y &&
        MEM=96 guest owner owner --append 'page_owner=on slub_debug=FZPU'
      ;;
    kmemleak) # for lab/live: the options that Node wants, and disks
      build kmemleak x86_64 6.1 "${SLUB[@]}" KALLSYMS_ALL=y DEBUG_INFO_NONE=y DEBUG_KMEMLEAK=y DEBUG_KMEMLEAK_MEM_POOL_SIZE=16000 \
        DEBUG_KMEMLEAK_DEFAULT_OFF=n PAGE_OWNER=y FTRACE=y HIST_TRIGGERS=y IKCONFIG=y IKCONFIG_PROC=y EVENTFD=y SIGNALFD=y TIMERFD=y \
        AIO=y BLOCK=y EXT4_FS=y VIRTIO_MENU=y VIRTIO_PCI=y VIRTIO_BLK=y BLK_DEV=y BLK_DEV_LOOP=y INOTIFY_USER=y MEMBARRIER=y RSEQ=y \
        SECCOMP=y KPROBES=y HIGH_RES_TIMERS=y NO_HZ_IDLE=y FHANDLE=y SYSVIPC=y
      ;;
    slub-tiny) build slub-tiny x86_64 6.12 SLUB=y SLUB_TINY=y EXPERT=y "${OWN_SYMBOLS[@]}" && MEM=96 guest slub-tiny slub-tiny ;;
    alloc-tags)
      build alloc-tags x86_64 6.12 "${SLUB[@]}" "${OWN_SYMBOLS[@]}" MEM_ALLOC_PROFILING=y MEM_ALLOC_PROFILING_ENABLED_BY_DEFAULT=y &&
        MEM=96 guest alloc-tags alloc-tags
      ;;
    *) echo "no recipe $recipe" ;;
  esac
done
