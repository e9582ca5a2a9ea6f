#!/bin/bash
# tree.sh KERNEL: a tree in LAB_WORK/evaluate/trees/KERNEL with the headers of a kernel of the lab and the compiler they want.
# The suite follows from the kernel's name, as in kernels.sh; x86-64 only.
set -euo pipefail
. "$(dirname "$0")/../packages.sh"
case $1 in
  5.10) suite=bullseye ;;
  6.12-trixie) suite=trixie ;;
  backports) suite=trixie-backports ;;
  sid) suite=sid ;;
  *) echo "$1: of no suite" >&2 && exit 1 ;;
esac
tree=$LAB_WORK/evaluate/trees/$1
version=$(basename "$(echo "$LAB_WORK/kernels/$1"/root/boot/vmlinuz-*)")
mkdir -p "$(dirname "$tree")"
rm -rf "$tree"
lab_sources "$suite" amd64 | mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
  --include="linux-headers-${version#vmlinuz-},make,binutils" "${suite%-backports}" "$tree" -
mkdir -p "$tree/build"
