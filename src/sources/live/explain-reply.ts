/** Why a file of this host could not be read, in words, and what would help. */
export function explainReply(error: string, gives: string): string {
  switch (error) {
    case 'EACCES':
    case 'EPERM':
      return `permission denied${isRoot() ? ', even to root' : '; run as root'} (it gives ${gives})`;
    case 'ETIMEDOUT':
      return `did not answer within the time limit; the kernel holds its lock (it gives ${gives})`;
    case 'ECHILD':
      return `the process that reads it ended (it gives ${gives})`;
    default:
      return `could not be read: ${error} (it gives ${gives})`;
  }
}

export const isAbsent = (error: string): boolean => error === 'ENOENT' || error === 'ENOTDIR';

/** Advice only for who is not root yet: the rest a security module or a container forbids. */
export const asRoot = (): string => (isRoot() ? '' : ', run as root to add up their share of memory');

const isRoot = (): boolean => process.getuid?.() === 0;
