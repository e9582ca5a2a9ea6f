#!/bin/bash
# setup.sh NAME SUITE IMAGE [ARCH]: a Debian kernel for guests, in LAB_WORK/kernels/NAME (needs root, for apt-get and chroot).
#
#   setup.sh 6.1 - linux-image-cloud-amd64                    # SUITE -: this machine's own
#   setup.sh 5.10 bullseye linux-image-cloud-amd64
#   setup.sh arm64 - linux-image-arm64 arm64
#
# root/ the image and its modules, debug/ the vmlinux with debug information (unless LAB_DEBUG=no), modules/ those of the lab,
# built in a tree of that suite. A meta package stands for the newest image it names.
set -euo pipefail
. "$(dirname "$0")/packages.sh"
NAME=$1 SUITE=$2 IMAGE=$3 ARCH=${4:-amd64}
K=$LAB_WORK/kernels/$NAME
mkdir -p "$K/deb" "$K/root" "$K/modules"

lab_install busybox-static cpio gcc libc6-dev make kmod e2fsprogs xz-utils zstd qemu-system-x86 \
  crash makedumpfile python3-drgn time mmdebstrap

# fetch PACKAGE FOLDER [PATTERN…]: unpacks a package of the suite, or what of it has such names
fetch() {
  local package=$1 folder=$2
  shift 2
  (cd "$K/deb" && rm -f "$package"_*.deb && lab_apt "$SUITE" "$ARCH" apt-get download -qq "$package" 2>/dev/null) || return 1
  mkdir -p "$folder"
  dpkg-deb --fsys-tarfile "$K/deb/$package"_*.deb | tar -x -C "$folder" --wildcards "${@:-*}"
  rm "$K/deb/$package"_*.deb
}

guest_tools() { # the guest's busybox and drive, once per architecture
  local machine=x86_64 cc=gcc dir
  [ "$ARCH" = amd64 ] || {
    machine=aarch64 cc=aarch64-linux-gnu-gcc
    lab_install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm
  }
  dir=$LAB_WORK/guest/$machine
  mkdir -p "$dir"
  if [ ! -e "$dir/busybox" ]; then
    (cd "$dir" && lab_apt - "$ARCH" apt-get download -qq busybox-static 2>/dev/null && dpkg -x busybox-static_*.deb x)
    find "$dir/x" -path '*bin/busybox' -exec cp {} "$dir/busybox" \;
    rm -r "$dir"/x "$dir"/*.deb
  fi
  $cc -O1 -Wall -static -o "$dir/drive" "$LAB/drive.c"
  [ -e "$LAB_WORK/guest/ext4.img" ] || {
    truncate -s 6M "$LAB_WORK/guest/ext4.img"
    mkfs.ext4 -q -O ^has_journal "$LAB_WORK/guest/ext4.img"
  }
}

image() {
  local real
  real=$(lab_apt "$SUITE" "$ARCH" apt-cache depends "$IMAGE" | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
  IMAGE=${real:-$IMAGE}
  VERSION=${IMAGE#linux-image-}
  fetch "$IMAGE" "$K/root" || fetch "$IMAGE-unsigned" "$K/root"
  # since 6.19 or later the parts of an image are packages of their own
  for part in modules binary base; do
    ! lab_apt "$SUITE" "$ARCH" apt-cache show "linux-$part-$VERSION" >/dev/null 2>&1 || fetch "linux-$part-$VERSION" "$K/root"
  done
  find "$K/root" \( -name 'loop.ko.*' -o -name 'qemu_fw_cfg.ko.*' \) -exec sh -c 'case $1 in *.xz) xz -df "$1" ;; *.zst) zstd -q --rm -df "$1" ;; esac' - {} \;
  mkdir -p "$K/root/boot"
  [ -e "$K/root/boot/vmlinuz-$VERSION" ] || # since the parts are packages, it lies among the modules
    cp "$K/root/usr/lib/modules/$VERSION/vmlinuz" "$K/root/boot/vmlinuz-$VERSION"
  [ "${LAB_DEBUG:-}" = no ] || fetch "$IMAGE-dbg" "$K/debug" '*/vmlinux*' '*/System.map*' || echo "$NAME: no $IMAGE-dbg here"
}

modules() { # built in a tree of the suite: its headers want its compiler and libraries
  local tree=$K/tree suite=$SUITE headers=linux-headers-$VERSION include="linux-headers-$VERSION,make,binutils"
  [ "$suite" != - ] || suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  [ "$ARCH" = amd64 ] || include="make,gcc-aarch64-linux-gnu,linux-kbuild-$(echo "$VERSION" | grep -o '^[0-9]*\.[0-9]*')"
  suite=${suite%-backports}
  rm -rf "$tree"
  lab_sources "$SUITE" amd64 | mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --include="$include" \
    "$suite" "$tree" -
  if [ "$ARCH" != amd64 ]; then
    fetch "$headers" "$tree/foreign"
    fetch "$(lab_apt "$SUITE" "$ARCH" apt-cache depends "$headers" | awk '/Depends: linux-headers-.*-common/ { print $2; exit }')" "$tree/foreign"
    cp -r "$tree"/foreign/usr/src/. "$tree/usr/src/" # the packages' other folders would replace links of the tree
  fi
  mkdir -p "$tree/build"
  cp "$LAB"/modules/* "$tree/build/"
  local cross=()
  [ "$ARCH" = amd64 ] || cross=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
  # objtool reads /proc
  unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' - "$tree" make -s -C "/usr/src/linux-headers-$VERSION" M=/build "${cross[@]}" modules >"$K/modules.log" 2>&1 || return 1
  cp "$tree"/build/*.ko "$K/modules/"
  rm -rf "$tree"
}

guest_tools
image
modules || echo "$NAME: no modules of the lab"
echo "$NAME: $VERSION $(cd "$K" && find modules -name '*.ko' | wc -l) modules, vmlinux: $(lab_vmlinux "$NAME" || true)"
