#!/bin/bash
# build-kernel.sh NAME ARCH SOURCE OPTION…: a small kernel in LAB_WORK/kernels/NAME from Debian's package linux-source-SOURCE.
#
#   build-kernel.sh tiny-slub x86_64 6.1 SLUB=y SLUB_DEBUG=y KALLSYMS_ALL=y DEBUG_INFO_BTF=y
#
# ARCH x86_64 or arm64; options as in .config without CONFIG_. About 6 minutes on one core (LAB_JOBS=2: more), then less: what
# two kernels of one source and ARCH have in common is compiled once.
set -euo pipefail
. "$(dirname "$0")/packages.sh"
NAME=$1 ARCH=$2 SOURCE=$3
shift 3
K=$LAB_WORK/kernels/$NAME BUILD=$LAB_WORK/build/$SOURCE-$ARCH TREE=$LAB_WORK/source/$SOURCE
image=bzImage
make=(nice -n 10 make -s -C "$TREE" O="$BUILD" ARCH="$ARCH")
packages=(gcc make flex bison bc libssl-dev libelf-dev dwarves xz-utils python3 kmod cpio)
if [ "$ARCH" = arm64 ]; then
  image=Image make+=(CROSS_COMPILE=aarch64-linux-gnu-) packages+=(gcc-aarch64-linux-gnu)
fi
lab_install "${packages[@]}" "linux-source-$SOURCE"
if [ ! -e "$TREE/Makefile" ]; then
  mkdir -p "$TREE"
  tar -xf "/usr/src/linux-source-$SOURCE.tar.xz" -C "$TREE" --strip-components=1
fi
mkdir -p "$K/root/boot" "$K/debug/boot" "$K/modules" "$BUILD"
"${make[@]}" tinyconfig
{ cat "$LAB/custom-kernel.config" && printf 'CONFIG_%s\n' "$@"; } >>"$BUILD/.config"
"${make[@]}" olddefconfig
"${make[@]}" -j"${LAB_JOBS:-1}" "$image" vmlinux modules
VERSION=$("${make[@]}" kernelrelease)
cp "$BUILD/arch/$ARCH/boot/$image" "$K/root/boot/vmlinuz-$VERSION" 2>/dev/null || cp "$BUILD/arch/x86/boot/bzImage" "$K/root/boot/vmlinuz-$VERSION"
cp "$BUILD/vmlinux" "$K/debug/boot/vmlinux-$VERSION"
cp "$BUILD/System.map" "$K/root/boot/System.map-$VERSION"
cp "$BUILD/.config" "$K/root/boot/config-$VERSION"
cp "$LAB"/modules/* "$K/modules/"
"${make[@]}" M="$K/modules" modules
find "$K/modules" ! -name '*.ko' -type f -delete
rm -rf "$K"/modules/.tmp*
for option; do
  grep -q "^CONFIG_${option%=n}" "$K/root/boot/config-$VERSION" || case $option in *=n) ;; *) echo "$NAME: CONFIG_$option was not taken" ;; esac
done
echo "$NAME: $VERSION, $(ls "$K/modules" | wc -l) modules"
