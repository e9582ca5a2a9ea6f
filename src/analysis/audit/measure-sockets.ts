import type { Kernel } from '../../model/kernel/kernel.ts';
import { walkOpenFiles } from '../../model/kernel/open-files.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { viewStruct, type StructView } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { eachObject } from './each-object.ts';

/** Sockets of one protocol and state that one process has open, or that none has. */
export interface SocketGroup {
  /** `TCP`, `UNIX`: as the protocol calls itself; `none` where the socket was taken down already. */
  readonly protocol: string;
  /** Of a TCP socket its state, of others `connected` or `unconnected`; `closed` where the socket was taken down. */
  readonly state: string;
  readonly owner?: { readonly pid: number; readonly comm: string };
  readonly sockets: number;
  readonly samples: readonly bigint[];
}

export interface SocketUse {
  readonly sockets: number;
  /** Those that no process has open. */
  readonly unowned: number;
  /** Bytes of the inodes alone. */
  readonly bytes: number;
  readonly groups: readonly SocketGroup[];
}

/** include/net/tcp_states.h; uapi since 2.6. */
const TCP_STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];
/** enum socket_state (include/uapi/linux/net.h). */
const SOCKET_STATES = ['free', 'unconnected', 'connecting', 'connected', 'disconnecting'];
const MOST_SAMPLES = 4;

/** All socket inodes, by protocol, state and the process that has them open. Undefined where types do not say. */
export function measureSocketUse(kernel: Kernel, heap: SlabHeap, tasks: readonly Task[]): SocketUse | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct('socket_alloc');
  // The newest kernels wrap it: sockfs_inode, with extended attributes before it.
  const inside = layouts.member('sockfs_inode', 'socket')?.offset ?? 0;
  const inode = layout?.member('vfs_inode')?.offset;
  const cache = heap.caches.findIndex(({ name }) => name === 'sock_inode_cache');
  if (!layout || inode === undefined || cache < 0) return undefined;
  const owners = new Map<bigint, Task>();
  walkOpenFiles(kernel, tasks, ({ task, inode: at }) => owners.set(at, task));
  const groups = new SocketGroups();
  for (const { address: start } of eachObject(kernel, heap, cache)) {
    const address = start + BigInt(inside);
    const found = ifThere(() => describe(kernel, viewStruct(memory, layouts, layout, address)));
    if (found) groups.add(found, owners.get(address + BigInt(inode)), address);
  }
  return groups.finish(heap.caches[cache]?.size ?? 0);
}

class SocketGroups {
  readonly #groups = new Map<
    string,
    Omit<SocketGroup, 'sockets' | 'samples'> & { sockets: number; samples: bigint[] }
  >();

  add(found: Pick<SocketGroup, 'protocol' | 'state'>, task: Task | undefined, address: bigint): void {
    const key = `${found.protocol} ${found.state} ${task?.tgid ?? ''}`;
    const owner = task && { pid: task.tgid, comm: task.comm };
    const group = this.#groups.get(key) ?? { ...found, ...(owner ? { owner } : {}), sockets: 0, samples: [] };
    group.sockets++;
    if (group.samples.length < MOST_SAMPLES) group.samples.push(address);
    this.#groups.set(key, group);
  }

  finish(size: number): SocketUse {
    const groups = [...this.#groups.values()].toSorted((a, b) => b.sockets - a.sockets);
    const sum = (list: readonly SocketGroup[]): number => list.reduce((total, { sockets }) => total + sockets, 0);
    const sockets = sum(groups);
    return { sockets, unowned: sum(groups.filter(({ owner }) => !owner)), bytes: sockets * size, groups };
  }
}

function describe(kernel: Kernel, view: StructView): Pick<SocketGroup, 'protocol' | 'state'> {
  const sk = view.pointer('socket.sk');
  if (sk === 0n) return { protocol: 'none', state: 'closed' };
  const sock = viewStruct(kernel.memory, kernel.layouts, 'sock', sk);
  const protocol = sock.follow('__sk_common.skc_prot')?.text('name') ?? 'unknown';
  const state = sock.number('__sk_common.skc_state');
  const general = SOCKET_STATES[view.number('socket.state')] ?? 'unknown';
  return { protocol, state: /^(?:TCP|MPTCP|SCTP|DCCP)/.test(protocol) ? (TCP_STATES[state] ?? general) : general };
}
