import { bytes } from '../../base/units.ts';
import { processShares } from '../../analysis/holding/process-shares.ts';
import { tallyHolders } from '../../analysis/holding/tally-holders.ts';
import { nodeAtAddress } from '../../analysis/reachability/node-space.ts';
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
  const files = countFiles(session, tasks);
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
  return { parts: tally.kinds.map((kind) => parts.part(kind)), most: most.slice(0, MOST_PROCESSES) };
}

function countFiles({ kernel }: CoreSession, tasks: readonly Task[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  walkOpenFiles(kernel, tasks, ({ task }) => counts.set(task.tgid, (counts.get(task.tgid) ?? 0) + 1));
  return counts;
}
