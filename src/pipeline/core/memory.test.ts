import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { renderCoreMemory } from '../../report/core/memory-text.ts';
import { renderCorePages } from '../../report/core/pages-text.ts';
import { renderCorePercpu } from '../../report/core/percpu-text.ts';
import { renderCoreTasks } from '../../report/core/tasks-text.ts';
import { renderCoreVmalloc } from '../../report/core/vmalloc-text.ts';
import { diagnose } from '../diagnose.ts';
import { coreMemory } from './memory.ts';
import { corePages } from './page-uses.ts';
import { corePercpu } from './percpu.ts';
import { CoreSession } from './session.ts';
import { coreTasks } from './tasks.ts';
import { coreVmalloc } from './vmalloc.ts';

const MIB = 1024 * 1024;
/** Milliseconds: two readings of a machine, side by side with other tests. */
const SLOW = 60_000;
/**
 * Page tables of the kernel, which no counter has, are known to the dump; the per-CPU memory of boot, which meminfo counts
 * although it is not in MemTotal, is not in it. And some seconds lie between the two.
 */
const APART = 1.5 * MIB;

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`the memory of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'of $name adds up, and to what diagnose says of /proc seconds before',
    async ({ path, procFolder }) => {
      const session = CoreSession.open(path);
      const memory = coreMemory(session);
      session.close();
      const parts = memory.buckets.reduce((sum, { bytes }) => sum + bytes, 0) + (memory.unaccountedBytes ?? 0);
      expect(parts).toBe(memory.totalBytes);
      expect(memory.totalBytes).toBe(
        memory.uses.reduce((sum, { bytes, isManaged }) => sum + (isManaged ? bytes : 0), 0),
      );
      const then = procFolder === undefined ? undefined : (await diagnose([procFolder])).accounting;
      const apart = Math.abs((memory.unaccountedBytes ?? 0) - (then?.unaccountedBytes ?? memory.unaccountedBytes ?? 0));
      expect(apart).toBeLessThan(APART);
      // Whatever else meminfo names is as large. Free pages come and go between the free lists and those of CPUs.
      const amounts = (buckets: typeof memory.buckets): ReadonlyMap<string, number> => {
        const of = new Map<string, number>(buckets.map(({ name, bytes }) => [name, bytes]));
        return of.set('free', (of.get('free') ?? 0) + (of.get('per-cpu-lists') ?? 0)).set('per-cpu-lists', 0);
      };
      const [now, was] = [amounts(memory.buckets), amounts(then?.buckets ?? memory.buckets)];
      const differing = [...was].filter(([name, bytes]) => Math.abs((now.get(name) ?? 0) - bytes) > APART);
      expect(differing.map(([name]) => name)).toEqual([]);
    },
    SLOW,
  );

  const ring = dumps.filter(({ name }) => name === '6.1-ring');
  it.skipIf(ring.length === 0).each(ring)('of $name is mostly blocks of two pages that a driver took', ({ path }) => {
    const session = CoreSession.open(path);
    const { unaccountedBytes, unaccountedOrders } = coreMemory(session);
    session.close();
    expect(unaccountedBytes).toBeGreaterThan(90 * MIB);
    expect(unaccountedOrders[0]).toMatchObject({ order: 1, blocks: 12_000, pages: 24_000, isCompound: true });
  });

  it.each(dumps)('of $name can be read as text', ({ path }) => {
    const session = CoreSession.open(path);
    const [memory, pages] = [coreMemory(session), corePages(session)];
    const texts = [
      renderCoreMemory(memory),
      renderCorePages(pages),
      renderCoreTasks(coreTasks(session)),
      renderCoreVmalloc(coreVmalloc(session)),
      renderCorePercpu(corePercpu(session)),
    ];
    session.close();
    expect(texts.map((text) => text.split('\n')[0]?.trim())).toEqual([
      expect.stringMatching(/^where the memory is +memory +share +by$/),
      expect.stringContaining('pages used as'),
      expect.stringContaining('of them processes of users'),
      expect.stringContaining('of vmalloc space'),
      expect.stringContaining('per-CPU memory'),
    ]);
    expect(texts.join('')).not.toMatch(/undefined|NaN|\[object/);
    expect(pages.uses.reduce((sum, use) => sum + use.pages, 0)).toBe(pages.totalPages);
    expect(pages.uses.every(({ samples, pages: count }) => samples.length === Math.min(3, count))).toBe(true);
  });
});
