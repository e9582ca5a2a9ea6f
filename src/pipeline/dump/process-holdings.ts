import { bytes } from '../../base/units.ts';
import { processShares } from '../../analysis/holding/process-shares.ts';
import { kindOf, tallyHolders, type HeldKind } from '../../analysis/holding/tally-holders.ts';
import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import type { DumpFacts, ProcessHolding } from '../../model/dump-facts.ts';
import { walkOpenFiles } from '../../model/kernel/open-files.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { spell } from '../core/addresses.ts';
import type { CoreSession } from '../core/session.ts';
import { HeldParts } from './held-parts.ts';
import type { Holders } from './holders.ts';

/** Fewer things of a kind are what any process has. */
const FEWEST = 500;
const MOST_PROCESSES = 8;
const MOST_PARTS = 12;

/** What processes alone keep: it goes when they close it or end. */
export function processHoldings(session: CoreSession, { owners, labels, tallies }: Holders): DumpFacts['processes'] {
  const number = owners.findIndex(({ kind }) => kind === 'processes');
  const tally = tallies.find(({ holder }) => holder === labels.length + number);
  if (number < 0 || !tally) return { parts: [], most: [] };
  const parts = new HeldParts(session);
  const { graph, space } = session.reachability;
  const tasks = session.users.tasks.filter(({ kernelThread, pid }) => !kernelThread && pid !== 0);
  const leaders = tasks.filter(({ pid, tgid }) => pid === tgid);
  const numbers = new Map(leaders.map(({ tgid }, i) => [tgid, i]));
  const sources = tasks.flatMap(({ address, tgid }) => {
    const process = numbers.get(tgid);
    return process === undefined ? [] : [{ node: nodeAtAddress(space, address), process }];
  });
  const shares = processShares(graph, labels, labels.length + number, sources);
  const { files, open } = openFiles(session, tasks, labels, labels.length + number);
  const most = tallyHolders(space, shares, FEWEST).flatMap(
    ({ holder, objects, bytes: size, kinds }): ProcessHolding[] => {
      const task = leaders[holder - labels.length];
      if (!task) return [];
      return [
        {
          pid: task.pid,
          comm: task.comm,
          files: files.get(task.tgid) ?? 0,
          parts: kinds.slice(0, MOST_PARTS).map((kind) => parts.part(kind)),
          objects,
          bytes: bytes(size),
          task: spell(task.address),
        },
      ];
    },
  );
  return { parts: added(tally.kinds, open).map((kind) => parts.part(kind)), most: most.slice(0, MOST_PROCESSES) };
}

/**
 * How many files each process has open; and the inodes and dentries of those that their file system leads to as well: they
 * stay as long as the file is open.
 */
function openFiles(
  { kernel, reachability: { space } }: CoreSession,
  tasks: readonly Task[],
  labels: Int32Array,
  processes: number,
): { readonly files: ReadonlyMap<number, number>; readonly open: ReadonlyMap<number, HeldKind> } {
  const files = new Map<number, number>();
  const open = new Map<number, HeldKind>();
  const seen = new Set<number>();
  walkOpenFiles(kernel, tasks, ({ task, inode, dentry }) => {
    files.set(task.tgid, (files.get(task.tgid) ?? 0) + 1);
    for (const node of [nodeAtAddress(space, inode), nodeAtAddress(space, dentry)]) {
      if (node === NOTHING || labels[node] === processes || seen.has(node)) continue;
      seen.add(node);
      const kind = kindOf(space, node);
      const known = open.get(kind) ?? { kind, objects: 0, bytes: 0 };
      open.set(kind, { kind, objects: known.objects + 1, bytes: known.bytes + (space.strides[kind] ?? 0) });
    }
  });
  return { files, open };
}

function added(kinds: readonly HeldKind[], open: ReadonlyMap<number, HeldKind>): readonly HeldKind[] {
  const known = new Set(kinds.map(({ kind }) => kind));
  const sums = kinds.map(({ kind, objects, bytes: size }) => {
    const more = open.get(kind);
    return { kind, objects: objects + (more?.objects ?? 0), bytes: size + (more?.bytes ?? 0) };
  });
  return [...sums, ...[...open.values()].filter(({ kind }) => !known.has(kind))].toSorted(
    (a, b) => b.objects - a.objects,
  );
}
