# Sourced by the other scripts: LAB_WORK, and Debian packages of any suite without a trace in the system's own apt lists.
# shellcheck shell=bash
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_WORK=$(realpath -m "${LAB_WORK:-${TMPDIR:-/tmp}/kleak-lab}")
LAB_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
export LAB LAB_WORK

# lab_apt SUITE ARCH COMMAND…: apt-get or apt-cache for another suite and architecture. The mirrors are those that this
# machine's apt uses for Debian; lists and state lie in LAB_WORK. SUITE - is the machine's own configuration.
lab_apt() {
  local suite=$1 arch=$2 tool=$3
  shift 3
  if [ "$suite" = - ] && [ "$arch" = "$(dpkg --print-architecture)" ]; then
    "$tool" "$@"
    return
  fi
  local dir=$LAB_WORK/apt/$suite-$arch
  if [ ! -e "$dir/apt.conf" ]; then
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/parts"
    : >"$dir/status"
    lab_sources "$suite" "$arch" >"$dir/sources.list"
    cat >"$dir/apt.conf" <<CONF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Dir::State "$dir";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "$dir/parts";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false"; // a mirror may be a snapshot
CONF
    case $suite in *-backports) echo "APT::Default-Release \"$suite\";" >>"$dir/apt.conf" ;; esac
    apt-get -c "$dir/apt.conf" update -qq 2>&1 | grep -v '^W:' || true
  fi
  "$tool" -c "$dir/apt.conf" "$@"
}

# The lines of a sources.list for a suite: its main archive, and its security archive where it has one.
lab_sources() {
  apt-get indextargets --format '$(LABEL)|$(REPO_URI)|$(CODENAME)' 'Created-By: Packages' 'Identifier: Packages' |
    sort -u | while IFS='|' read -r label uri codename; do
    local suite=$1
    [ "$suite" != - ] || suite=${codename%-*}
    case $label:$codename in
      Debian:*-*) ;;
      Debian:*)
        case $suite in *-backports) echo "deb [arch=$2 signed-by=$LAB_KEYRING] $uri ${suite%-backports} main" ;; esac
        echo "deb [arch=$2 signed-by=$LAB_KEYRING] $uri $suite main"
        ;;
      Debian-Security:*) case $suite in *-backports | sid | experimental) ;; *) echo "deb [arch=$2 signed-by=$LAB_KEYRING] $uri $suite-security main" ;; esac ;;
    esac
  done
}

# crash and drgn: those of the machine, or (tools.sh) newer ones that lie in LAB_WORK/tools.
LAB_CRASH=crash LAB_DRGN_PYTHON=/usr/bin/python3 LAB_MAKEDUMPFILE=makedumpfile
if [ -x "$LAB_WORK/tools/crash" ] && [ "${LAB_TOOLS:-}" != system ]; then
  LAB_CRASH=$LAB_WORK/tools/crash LAB_DRGN_PYTHON=$LAB_WORK/tools/python3 LAB_MAKEDUMPFILE=$LAB_WORK/tools/makedumpfile
fi

# lab_vmlinux KERNEL: the vmlinux with debug information of LAB_WORK/kernels/KERNEL.
lab_vmlinux() {
  find -L "$LAB_WORK/kernels/$1/debug" -name 'vmlinux-*' -type f 2>/dev/null | sort | head -1
}

# lab_foreign_makedumpfile: makedumpfile for dumps of arm64, run by QEMU: each build of it knows one architecture.
lab_foreign_makedumpfile() {
  local tree=$LAB_WORK/tools-arm64
  if [ ! -e "$tree/usr/bin/makedumpfile" ]; then
    lab_install qemu-user-static mmdebstrap
    lab_sources sid arm64 | mmdebstrap --quiet --variant=extract --architectures=arm64 --aptopt='Acquire::Check-Valid-Until "false"' \
      --include=makedumpfile sid "$tree" - >&2
    [ -e "$tree/lib" ] || ln -s usr/lib "$tree/lib"
  fi
  echo "qemu-aarch64-static -L $tree $tree/usr/bin/makedumpfile"
}

# lab_install PACKAGE…: of this machine's own suite, where they are missing.
lab_install() {
  dpkg -s "$@" >/dev/null 2>&1 || apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" >/dev/null
}
