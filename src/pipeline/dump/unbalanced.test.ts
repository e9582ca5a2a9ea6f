import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { auditCounts, type CountAudit } from '../../analysis/audit/audit-counts.ts';
import { eachObject } from '../../analysis/audit/each-object.ts';
import type { KernelMemory } from '../../model/memory/kernel-memory.ts';
import { isMerged } from '../core/merged-caches.ts';
import { CoreSession } from '../core/session.ts';

/** Milliseconds, side by side with other tests. */
const SLOW = 60_000;
const RAISED = 12;
const dumps = realDumps();

/** The same memory, in which some words of 32 bits are higher by a thousand. */
function withRaised(memory: KernelMemory, raised: ReadonlySet<bigint>): KernelMemory {
  return {
    physical: memory.physical,
    pageSize: memory.pageSize,
    translate: (address) => memory.translate(address),
    read: (address, length) => memory.read(address, length),
    tryRead: (address, length) => memory.tryRead(address, length),
    u8: (address) => memory.u8(address),
    u16: (address) => memory.u16(address),
    u32: (address) => memory.u32(address) + (raised.has(address) ? 1000 : 0),
    i32: (address) => memory.i32(address),
    u64: (address) => memory.u64(address),
    string: (address, most) => memory.string(address, most),
  };
}

function audit(session: CoreSession, memory: KernelMemory = session.kernel.memory): readonly CountAudit[] {
  const { kernel, heap, reachability } = session;
  return auditCounts({ ...kernel, memory }, heap, reachability, (cache) => isMerged(session, cache));
}

describe.skipIf(dumps.length === 0)(`counts of references in real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'of what can be reached are nowhere above the words that point there: $name',
    ({ path }) => {
      const session = CoreSession.open(path);
      const reached = audit(session).flatMap(({ type, groups }) =>
        groups.filter(({ objects, unreachable }) => objects - unreachable >= 10).map((group) => ({ type, ...group })),
      );
      expect(reached).toEqual([]);
      session.close();
    },
    SLOW,
  );

  it.each(dumps.slice(0, 1))(
    'are told where they are raised: $name',
    ({ path }) => {
      const session = CoreSession.open(path);
      const { kernel, heap } = session;
      const cache = heap.caches.findIndex(({ name }) => name === 'kernfs_node_cache');
      const count = kernel.layouts.needStruct('kernfs_node').need('count').offset;
      const objects = [...eachObject(kernel, heap, cache)].slice(100, 100 + RAISED);
      const raised = new Set(objects.map(({ address }) => address + BigInt(count)));
      const [found, ...others] = audit(session, withRaised(kernel.memory, raised)).filter(
        ({ type }) => type === 'kernfs_node',
      );
      expect(others).toEqual([]);
      expect(found).toMatchObject({ type: 'kernfs_node', member: 'count', isProven: true });
      expect(found?.groups.reduce((sum, group) => sum + group.objects, 0)).toBe(RAISED);
      session.close();
    },
    SLOW,
  );
});
