#!/bin/bash
# tools.sh [SUITE]: crash, drgn and makedumpfile of another Debian suite (default sid: the newest) as a tree in LAB_WORK/tools,
# for kernels that the machine's own do not know. Needs root. Afterwards the other scripts use them (LAB_TOOLS=system: do not).
set -euo pipefail
. "$(dirname "$0")/packages.sh"
SUITE=${1:-sid}
lab_install mmdebstrap
rm -rf "$LAB_WORK/tools"
lab_sources "$SUITE" "$(dpkg --print-architecture)" |
  mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --include=crash,python3-drgn,makedumpfile,time "$SUITE" "$LAB_WORK/tools" -
for tool in crash python3 makedumpfile; do
  cat >"$LAB_WORK/tools/$tool" <<RUN
#!/bin/sh
# $tool of the tree beside it; LAB_WORK and the lab are seen inside under their own names.
exec unshare --mount sh -c '
  for d in "\$0" "\$1" /proc /dev /tmp; do mkdir -p "\$2\$d"; mount --rbind "\$d" "\$2\$d"; done
  tree=\$2; shift 2
  exec chroot "\$tree" "\$@"' "$LAB_WORK" "$LAB" "$LAB_WORK/tools" "$tool" "\$@"
RUN
  chmod +x "$LAB_WORK/tools/$tool"
done
