#!/bin/bash
# filter.sh FOLDER [LEVEL [OPTION]]: vmcore.filtered out of vmcore.paging, as production has it: makedumpfile -d 31 -c.
set -euo pipefail
. "$(dirname "$0")/packages.sh"
cd "$1"
trap 'rm -f movable' EXIT
cp vmcore.paging movable
"$LAB/elf-for-makedumpfile.py" movable
rm -f vmcore.filtered
grep -q '"arch": "aarch64"' machine.json && LAB_MAKEDUMPFILE=$(lab_foreign_makedumpfile)
$LAB_MAKEDUMPFILE -d "${2:-31}" ${3--c} "$PWD/movable" "$PWD/vmcore.filtered" >makedumpfile.log 2>&1
