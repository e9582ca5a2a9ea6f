import { spellBytes } from '../../base/spelling.ts';
import { bytesLess, type Bytes } from '../../base/units.ts';
import type { Evidence, NextStep } from '../../findings/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** Somebody on this host whose memory is in no counter, and whose own figure was not among the inputs. */
export interface UnseenOwner {
  /** What of it may be so, as a sentence. */
  readonly sentence: string;
  readonly evidence: Evidence;
  readonly next: NextStep;
}

/** Who may hold pages that no counter names, without that being wrong; one look cannot tell. */
export function findUnseenOwner(snapshot: Snapshot, unexplained: Bytes): UnseenOwner | undefined {
  return zfsWithoutFigures(snapshot) ?? contiguousArea(snapshot, unexplained) ?? socketBuffers(snapshot, unexplained);
}

function zfsWithoutFigures({ modules, pools }: Snapshot): UnseenOwner | undefined {
  const zfs = modules.find((m) => m.name === 'zfs');
  if (!zfs || pools.some((p) => p.id === 'zfs-arc')) return undefined;
  return {
    sentence: 'They may be the ZFS ARC, whose figures were not seen.',
    evidence: {
      text: 'zfs is loaded; its ARC is in no counter of meminfo, and arcstats was not given',
      source: zfs.at,
    },
    next: {
      command: 'cat /proc/spl/kstat/zfs/arcstats',
      why: '`size` is what the ARC holds: if it is about as much, nothing is lost',
      risk: 'none',
    },
  };
}

/** Pages that a driver took from the contiguous area (CMA) are in no counter; those lent to page cache are. */
function contiguousArea({ counters }: Snapshot, unexplained: Bytes): UnseenOwner | undefined {
  const total = counters.get('CmaTotal');
  const free = counters.get('CmaFree');
  if (!total || !free) return undefined;
  const used = bytesLess(total.bytes, free.bytes);
  if (used < unexplained * 0.6) return undefined;
  return {
    sentence: 'They may be what drivers hold of the contiguous area (CMA).',
    evidence: {
      text: `${spellBytes(used)} of the contiguous area (CMA) are in use, by drivers or lent out`,
      source: free.at,
    },
    next: {
      command: 'grep -H . /sys/kernel/debug/cma/*/used; cat /proc/meminfo',
      why: 'what drivers hold of it: frame buffers, cameras, codecs',
      risk: 'none',
    },
  };
}

/** Buffers of sockets lie in fragments of pages, which are in no counter, and in slab; sockstat counts both as one. */
function socketBuffers({ counters }: Snapshot, unexplained: Bytes): UnseenOwner | undefined {
  const buffers = counters.get('TcpMem');
  if (!buffers || buffers.bytes < unexplained * 0.6) return undefined;
  return {
    sentence: `They may be buffers of TCP sockets, which hold ${spellBytes(buffers.bytes)}.`,
    evidence: { text: `TCP buffers, by sockstat: ${spellBytes(buffers.bytes)}`, source: buffers.at },
    next: {
      command: 'ss -tmnp | sort -k2 -rn | head -40; cat /proc/net/sockstat',
      why: 'whose sockets hold data that nobody reads or acknowledges',
      risk: 'none',
    },
  };
}
