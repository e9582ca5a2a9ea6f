import { bytes, type Bytes } from '../../base/units.ts';
import { isSilent } from '../../analysis/reachability/plan-frames.ts';
import { measureDentryUse } from '../../analysis/audit/measure-dentries.ts';
import { measureSocketUse } from '../../analysis/audit/measure-sockets.ts';
import type { DumpFacts, HeldNames, HeldSockets } from '../../model/dump-facts.ts';
import { readVmCounters } from '../../model/kernel/vm-counters.ts';
import { spell } from '../core/addresses.ts';
import { typingTools } from '../core/groups.ts';
import type { CoreSession } from '../core/session.ts';
import { coreSlabs } from '../core/slabs.ts';
import { withAllocations, withPageOwners } from './allocated-by.ts';
import { deadTasks } from './dead-tasks.ts';
import { dyingCgroups } from './dying-cgroups.ts';
import { measureHolders } from './holders.ts';
import { holdings, type Grown } from './holdings.ts';
import { lostMemory } from './lost-memory.ts';
import { lostPercpu } from './lost-percpu.ts';
import { lostThings } from './lost-things.ts';
import { processHoldings } from './process-holdings.ts';
import { sweepOf } from './sweep.ts';
import { unbalancedCounts } from './unbalanced.ts';

/** Sweeps a dump, audits its counts and asks who holds what; `grown` is what a series showed to grow before it. */
export function measureDump(
  session: CoreSession,
  grown: Grown = new Map(),
  doing: (what: string) => void = () => undefined,
): DumpFacts {
  doing('searching memory for references');
  const { kernel, modules } = session;
  const sweep = sweepOf(session);
  doing('telling what the lost objects are');
  const tools = typingTools(session);
  const lost = withAllocations(
    session,
    lostThings(session, tools).filter(({ parts: [lead] }) => !isSilent(lead.cache)),
  );
  const memory = withPageOwners(session, lostMemory(session));
  doing('comparing reference counts with references');
  const unbalanced = unbalancedCounts(session);
  doing('asking who holds what');
  const holders = measureHolders(session);
  return {
    file: kernel.file,
    ram: ramOf(session),
    lost,
    lostMemory: memory,
    ...(session.reachability.percpu ? { lostPercpu: lostPercpu(session) } : {}),
    unbalanced,
    directories: directories(session),
    sockets: sockets(session),
    holdings: holdings(session, holders, tools, grown),
    processes: processHoldings(session, holders),
    ...deadTasks(session),
    ...dyingCgroups(session),
    caches: dumpedCaches(session),
    foreignModules: modules.filter(({ taints }) => /[OEP]/.test(taints)).map(({ name }) => name),
    ...sweep,
  };
}

/** As the accounting has it; where the kernel's counter cannot be read, what the page frames span. */
function ramOf({ kernel, pages }: CoreSession): Bytes {
  const total = readVmCounters(kernel).value.meminfo.get('MemTotal') ?? 0;
  return bytes(total > 0 ? total : pages.map.endFrame * kernel.memory.pageSize);
}

const dumpedCaches = (session: CoreSession): DumpFacts['caches'] =>
  coreSlabs(session)
    .caches.filter(({ allocated }) => allocated > 0)
    .map(({ name, reclaimable, allocated, bytes: size }) => ({
      name,
      reclaimable,
      objects: allocated,
      bytes: bytes(size),
    }));

function directories({ kernel, heap }: CoreSession): readonly HeldNames[] {
  return (measureDentryUse(kernel, heap)?.directories ?? []).map((d) => ({
    ...d,
    bytes: bytes(d.bytes),
    samples: d.samples.map(spell),
  }));
}

function sockets({ kernel, heap, users }: CoreSession): readonly HeldSockets[] {
  const use = measureSocketUse(kernel, heap, users.tasks);
  const each = use === undefined || use.sockets === 0 ? 0 : use.bytes / use.sockets;
  return (use?.groups ?? []).map((g) => ({
    ...g,
    bytes: bytes(Math.round(each * g.sockets)),
    samples: g.samples.map(spell),
  }));
}
