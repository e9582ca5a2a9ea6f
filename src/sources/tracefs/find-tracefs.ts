import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Where the kernel's tracing files are, or why they cannot be used. */
export type Tracefs =
  | { readonly state: 'there'; readonly folder: string }
  | { readonly state: 'missing'; readonly because: string; readonly remedy: string };

/**
 * Looks for tracefs among the mounts. kleak mounts nothing. `root` is where the host's /proc and /sys are, '' for the running
 * host.
 */
export function findTracefs(root = ''): Tracefs {
  const mounted = mountPoints(root, 'tracefs').concat(
    mountPoints(root, 'debugfs').map((folder) => `${folder}/tracing`),
  );
  for (const folder of mounted) {
    const there = look(`${root}${folder}`);
    if (there) return there;
  }
  const supported = read(`${root}/proc/filesystems`)?.includes('\ttracefs\n') ?? true;
  return supported
    ? {
        state: 'missing',
        because: 'tracefs is not mounted',
        remedy: 'mount -t tracefs nodev /sys/kernel/tracing',
      }
    : {
        state: 'missing',
        because: 'this kernel has no tracefs (CONFIG_TRACING is off)',
        remedy: 'boot a kernel with CONFIG_FTRACE; distributions’ kernels have it',
      };
}

function look(folder: string): Tracefs | undefined {
  try {
    statSync(folder);
    if (readdirSync(folder).includes('instances')) return { state: 'there', folder };
    return undefined;
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== 'EACCES' && code !== 'EPERM') return undefined;
    const root = process.getuid?.() === 0;
    return {
      state: 'missing',
      because: `${folder}: permission denied${root ? ', even to root: the kernel is locked down, or this is a container' : ''}`,
      remedy: root ? 'run it on the host itself, with lockdown off' : 'run as root',
    };
  }
}

/** Folders where a file system of this type is mounted, in the order of the mounts. */
export function mountPoints(root: string, type: string): readonly string[] {
  return (read(`${root}/proc/mounts`) ?? '').split('\n').flatMap((line) => {
    const [, folder, kind] = line.split(' ');
    return kind === type && folder !== undefined ? [folder.replaceAll('\\040', ' ')] : [];
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
