#!/bin/bash
# reference.sh NAME [DUMP…]: what crash and drgn say about LAB_WORK/out/NAME/DUMP (default: every vmcore there), with the time
# each took. Answers go to NAME/DUMP.crash/COMMAND.txt, NAME/DUMP.drgn.json, NAME/DUMP.*.time.
set -euo pipefail
. "$(dirname "$0")/packages.sh"
OUT=$LAB_WORK/out/$1
shift
kernel=$(sed -n 's/.*"kernel": "\(.*\)",/\1/p' "$OUT/machine.json")
vmlinux=$(lab_vmlinux "$kernel")
[ $# -gt 0 ] || set -- $(cd "$OUT" && find . -maxdepth 1 -type f -name "vmcore.*" -perm -400 ! -name "*.time" ! -name "*.json" ! -name "*.errors" -printf "%f\n" | sort)

timed() { # timed FILE COMMAND…
  local file=$1
  shift
  timeout "${LAB_PATIENCE:-300}" nice -n 10 /usr/bin/time -v -o "$file" "$@"
}

for dump; do
  answers=$OUT/$dump.crash
  rm -rf "$answers"
  mkdir -p "$answers"
  while read -r words; do
    name=${words// /}
    echo "$words > $answers/$name.txt"
  done >"$answers/session" <<'COMMANDS'
sys
mod
ps
ps -s
kmem -i
kmem -s
kmem -v
kmem -z
kmem -n
kmem -f
kmem -p
kmem -V
kmem -o
kmem -h
log
files 1
foreach bt
runq
dev
net
COMMANDS
  timed "$OUT/$dump.crash.time" "$LAB_CRASH" -s -i "$answers/session" "$vmlinux" "$OUT/$dump" </dev/null >"$answers/errors.txt" 2>&1 || true
  echo 'kmem -s' >"$answers/session"
  timed "$OUT/$dump.crash-kmem-s.time" "$LAB_CRASH" -s -i "$answers/session" "$vmlinux" "$OUT/$dump" </dev/null >/dev/null 2>&1 || true
  rm "$answers/session"
  [ -s "$answers/kmem-s.txt" ] || echo "crash: $dump: no kmem -s: $(tail -3 "$answers/errors.txt")"
  timed "$OUT/$dump.drgn.time" "$LAB_DRGN_PYTHON" "$LAB/drgn-objects.py" "$OUT/$dump" "$vmlinux" >"$OUT/$dump.drgn.json" 2>"$OUT/$dump.drgn.errors" ||
    { echo "drgn: $dump: $(tail -1 "$OUT/$dump.drgn.errors")"; rm "$OUT/$dump.drgn.json"; }
  [ -s "$OUT/$dump.drgn.errors" ] || rm "$OUT/$dump.drgn.errors"
  grep -h Elapsed "$OUT/$dump".*.time | sed "s|^|$dump |"
done
