import { existsSync, realpathSync } from 'node:fs';
import { explainSystem } from '../local-file.ts';
import type { Unread } from '../source-file.ts';
import { dpkg } from './dpkg.ts';
import type { InstalledPackage, InstalledPackages, PackageReader, Wanted } from './installed-package.ts';
import { rpmSqlite } from './rpm-sqlite.ts';

/** Where each data base lies, and what reads it. */
const READ: readonly { readonly path: string; readonly reader: PackageReader }[] = [
  { path: '/var/lib/dpkg/status', reader: dpkg },
  { path: '/usr/lib/sysimage/rpm/rpmdb.sqlite', reader: rpmSqlite },
  { path: '/var/lib/rpm/rpmdb.sqlite', reader: rpmSqlite },
  { path: '/usr/share/rpm/rpmdb.sqlite', reader: rpmSqlite },
];

/** Data bases that are known and not read. */
const NOT_READ: readonly { readonly path: string; readonly kind: string }[] = [
  { path: '/var/lib/rpm/Packages', kind: 'rpm’s Berkeley DB' },
  { path: '/var/lib/rpm/Packages.db', kind: 'rpm’s ndb' },
  { path: '/usr/lib/sysimage/rpm/Packages.db', kind: 'rpm’s ndb' },
  { path: '/lib/apk/db/installed', kind: 'apk’s data base' },
  { path: '/var/lib/pacman/local', kind: 'pacman’s data base' },
];

/**
 * The packages that a host's data bases list, without running a program. Nothing is written or locked. Data bases that
 * cannot be read are told in `unread`; it throws nothing. It waits for the disk: call it where that may hang.
 *
 * `root`: where the host's file system is, '' for the running host.
 */
export function readPackages(root: string, wanted: Wanted = () => true): InstalledPackages {
  const packages: InstalledPackage[] = [];
  const unread: Unread[] = [];
  const seen = new Set<string>();
  for (const { path, reader } of READ) {
    const file = whereIs(root + path);
    if (file === undefined || seen.has(file)) continue;
    seen.add(file);
    const tell = (why: string): void => void unread.push({ what: path, why });
    try {
      packages.push(...reader.read(file, wanted, tell));
    } catch (cause) {
      tell(`packages are not listed: ${explainSystem(cause)}`);
    }
  }
  for (const { path, kind } of NOT_READ) {
    // A data base that was converted leaves its old form behind.
    if (packages.length > 0 || !existsSync(root + path)) continue;
    unread.push({ what: path, why: `${kind} is not read; give the output of the package manager (rpm -qa) beside it` });
  }
  return { packages, unread };
}

/** Whether a package says something about kernel memory: kernels, drivers, what watches files, and what is known to leak. */
export const concernsMemory: Wanted = (name) => OF_INTEREST.test(name);

const OF_INTEREST =
  /^(?:linux-image|linux-modules|kernel$|kernel-(?:core|default|rt|uek|lt|ml|debug)|raspberrypi-kernel|.*-dkms$|kmod-|akmod-|zfs|nvidia|cuda-drivers|rocm|amdgpu|i40e|ice$|mlnx|ofed|curl$|libcurl|nss$|nss-(?:softokn|util|sysinit)|libnss3$|ppp$|systemd$|docker(?:-ce|\.io|-engine)?$|moby-engine$|containerd|cri-o$|podman$|kubelet$|openvswitch|open-vm-tools$|qemu-guest-agent$|lxcfs$|audit(?:d)?$|falcon-sensor$|mdatp$|ds-agent$|ds_agent$|cbagentd$|SentinelAgent$|traps$|sysdig|falco$|bcachefs-tools$)/;

function whereIs(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
