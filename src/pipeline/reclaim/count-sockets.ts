import { readlinkSync } from 'node:fs';
import { TimedReader } from '../../sources/live/timed-reader.ts';

const TIME_LIMIT = 2000;
const FILE_BYTES = 16 * 1024;
const MOST_PROCESSES = 8192;

/**
 * Sockets that exist, in all network namespaces that a process is in: `sockets: used` of /proc/PID/net/sockstat is counted
 * up by socket() and down by close(), whatever becomes of the inode (sock_alloc() and __sock_release() in net/socket.c).
 */
export async function countSockets(root: string): Promise<number> {
  const reader = new TimedReader(TIME_LIMIT);
  const reply = await reader.names(`${root}/proc`);
  const pids = ('names' in reply ? reply.names : []).filter((name) => /^\d+$/.test(name)).slice(0, MOST_PROCESSES);
  const seen = new Set<string>();
  let sockets = 0;
  for (const pid of pids) {
    const namespace = namespaceOf(`${root}/proc/${pid}/ns/net`);
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    const sockstat = await reader.read(`${root}/proc/${pid}/net/sockstat`, FILE_BYTES);
    const used = 'content' in sockstat ? /^sockets: used (\d+)$/m.exec(sockstat.content.toString())?.[1] : undefined;
    sockets += Number(used ?? 0);
  }
  return sockets;
}

/** Undefined where the process is gone, or is a kernel thread that does not show it. */
function namespaceOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
