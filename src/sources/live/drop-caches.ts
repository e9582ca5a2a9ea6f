import { spawn } from 'node:child_process';
import { accessSync, constants, readlinkSync, writeFileSync } from 'node:fs';

const FILE = '/proc/sys/vm/drop_caches';
/** Page cache (1), and dentries and inodes (2): Documentation/admin-guide/sysctl/vm.rst. */
const BOTH = '3\n';

/** Why caches cannot be dropped from here; undefined where they can. */
export function whyNotDroppable(root = ''): string | undefined {
  try {
    accessSync(root + FILE, constants.W_OK);
    return undefined;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EROFS') return `${FILE} is read-only: this is a container; run on the host`;
    if (code === 'ENOENT') return `${FILE} is not there: this is no Linux host’s /proc`;
    return `${FILE} cannot be written${process.getuid?.() === 0 ? ', even by root: this is a container; run on the host' : '; run as root'}`;
  }
}

/** PROC_PID_INIT_INO, the number of the first PID namespace on every kernel (include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** True where this process sees only a part of the host's processes: it runs in a container. Undefined where that is not shown. */
export function inContainersNamespace(root = ''): boolean | undefined {
  try {
    return readlinkSync(`${root}/proc/self/ns/pid`) !== FIRST_PID_NAMESPACE;
  } catch {
    return undefined;
  }
}

/** The kernel gives back what it calls cache, as far as nothing uses it. It logs this. */
export function dropCaches(root = ''): void {
  writeFileSync(root + FILE, BOTH);
}

/**
 * Writes what is dirty to disk, so that its cache can be dropped: sync(1), since Node has no call for it. False where it did
 * not end in time.
 */
export function syncDisks(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('sync', [], { stdio: 'ignore', timeout: milliseconds, signal });
    child.once('error', () => resolve(false));
    child.once('exit', (status) => resolve(status === 0));
  });
}
