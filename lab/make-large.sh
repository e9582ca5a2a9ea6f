#!/bin/bash
# make-large.sh: the dumps of the benchmarks, in LAB_WORK/out/large. A guest of 512 MiB holds about 460,000 slab objects, of
# which 300,000 are leaked seq_operations. One moment of it in five containers; and a small healthy guest beside it.
set -euo pipefail
. "$(dirname "$0")/packages.sh"
OUT=$LAB_WORK/out/large

"$LAB/guest.py" large 'snap start; insmod /mod/seqleak.ko; drive nss 46400; drive tmp 4000 hold & drive fd 4000 hold & drive seq 300000
  sleep 2; snap end' --kernel 6.1 --mem 512 --dump elf,paging,zlib --timeout 600
cp "$OUT/vmcore.paging" "$OUT/movable"
"$LAB/elf-for-makedumpfile.py" "$OUT/movable"
rm -f "$OUT"/vmcore.{filtered,raw}
"$LAB_MAKEDUMPFILE" -d 31 -c "$OUT/movable" "$OUT/vmcore.filtered" >"$OUT/makedumpfile.log" 2>&1 # zlib, as production has it
"$LAB_MAKEDUMPFILE" -d 0 "$OUT/movable" "$OUT/vmcore.raw" >>"$OUT/makedumpfile.log" 2>&1         # kdump-compressed, nothing compressed
rm "$OUT/movable"

"$LAB/guest.py" healthy 'snap start; drive tmp 200 hold & drive fd 200 hold & sleep 2; snap end' --kernel 6.1 --mem 128 --dump elf
ls -l "$OUT"
