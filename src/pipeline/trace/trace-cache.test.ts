import { readFileSync, existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AllocationTrace } from '../../analysis/trace/outstanding.ts';
import { parseEventFormat, type EventFormat } from '../../formats/trace/event-format.ts';
import { decodeStack, kmemDecoder, type KmemEvent } from '../../formats/trace/kmem-event.ts';
import { decodeRingPage, ringPageLayout } from '../../formats/trace/ring-page.ts';
import { parseSymbolText } from '../../formats/symbols/symbol-text.ts';
import type { TraceDocument, TraceSite } from '../../findings/trace.ts';
import { measured, missing } from '../../model/measured.ts';
import { symbolTable } from '../../model/symbols/symbol-table.ts';
import { renderTrace } from '../../report/trace-text.ts';
import { findTracefs } from '../../sources/tracefs/find-tracefs.ts';
import { describeTrace } from './describe-trace.ts';
import { judgeTrace } from './judge-trace.ts';
import { traceCache, type TraceRun } from './trace-cache.ts';
import { belongs, type TracedCache } from './traced-cache.ts';

const folder = new URL('../../../fixtures/trace/6.1/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const format = (name: string): EventFormat => parseEventFormat(read(`format/${name}`).toString(), name);
const symbols = symbolTable(parseSymbolText(read('kallsyms'), 'kallsyms').value, 'kallsyms');

const CACHE: TracedCache = {
  name: 'kmalloc-cg-32',
  aliases: [],
  slotBytes: 32,
  objects: 100,
  kmalloc: true,
  own: false,
  sameSize: [],
  hasAccounted: true,
};
const ACCOUNT = 0x40_0000;

/** The real buffer, followed as a trace follows it. */
function realRun(): TraceRun {
  const trace = new AllocationTrace({ pointers: 1000, groups: 100 });
  const decoders = ['kmalloc', 'kfree'].map((name) => [format(name).id, kmemDecoder(format(name), true)] as const);
  const known = new Map(decoders);
  const layout = ringPageLayout(format('header_page'), true, 'header_page');
  const stacks = format('kernel_stack');
  const events: { event: KmemEvent; stack: readonly number[] }[] = [];
  const raw = read('raw0');
  for (let at = 0; at < raw.length; at += 4096) {
    const page = new DataView(raw.buffer, raw.byteOffset + at, 4096);
    let last: { event: KmemEvent; stack: readonly number[] } | undefined;
    decodeRingPage(page, layout, (time, offset, length) => {
      const id = page.getUint16(offset, true);
      const event = known.get(id)?.decode(page, offset, length, time);
      if (event) events.push((last = { event, stack: [] }));
      else if (last && id === stacks.id) last.stack = decodeStack(stacks, page, offset, length, true);
    });
  }
  for (const { event, stack } of events) if (belongs(event, CACHE, ACCOUNT)) trace.add(event, 'drive', stack);
  const traced = trace.finish(events.at(-1)?.event.at ?? 0);
  const more = {
    started: 0,
    seconds: 60,
    stacks: true,
    objectsAfter: 120,
    written: 144,
    lost: 0,
    torn: 0,
    changed: [],
  };
  return { cache: CACHE, traced, ...more };
}

describe('a trace of a real kernel', () => {
  it('shows which place keeps what it allocates, with what must free it', () => {
    const document = describeTrace(realRun(), measured(symbols));
    expect(document.sites[0]).toMatchObject({
      function: 'proc_reg_open',
      through: ['single_open'],
      type: 'struct seq_operations',
      objects: 20,
      allocated: 20,
      bytes: 640,
      freedUnseen: 0,
      processes: [{ process: 'drive', objects: 20, bytes: 640 }],
    });
    expect(document.sites[0]?.callSite).toMatch(/^single_open\+0x2a$/);
    expect(document).toMatchObject({ cacheObjects: { before: 100, after: 120 }, limits: [] });
    expect(document.sites[0]?.partner).toContain('single_release()');
  });

  it('shows addresses where the kernel hides its symbols, and says what would help', () => {
    const document = describeTrace(realRun(), missing('/proc/kallsyms hides addresses'));
    expect(document.sites[0]?.callSite).toMatch(/^0xffffffff8[0-9a-f]{7}$/);
    expect(document.limits).toEqual(['places are shown as addresses: /proc/kallsyms hides addresses']);
  });

  it('is printed with what it cost and what was changed', () => {
    const run = realRun();
    const overhead = {
      readerCpuSeconds: 0.6,
      eventsPerSecond: 2000,
      hostEventsPerSecond: 30_000,
      nanosecondsPerEvent: 150,
      cpuShare: 0.0145,
      bufferBytes: 2 ** 23,
    };
    const text = renderTrace(
      describeTrace({ ...run, overhead, changed: ['made and removed kleak-1-a'], lost: 10 }, measured(symbols)),
    );
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'each costs about 150 ns; reading took 1.0 % of one CPU; together about 1.5 % of one CPU',
    );
    expect(text).toContain('changed: made and removed kleak-1-a');
    expect(text).toContain('10 of 144 events were lost');
  });
});

describe('which allocations are of a cache', () => {
  const allocation: KmemEvent = {
    kind: 'allocated',
    event: 'kmalloc',
    at: 0,
    pid: 1,
    interrupt: false,
    pointer: 1,
    site: 1,
    requested: 20,
    given: 32,
    flags: 0xcc0,
  };
  const named = (name: string, more: Partial<TracedCache> = {}): TracedCache => ({ ...CACHE, name, ...more });

  it('is told by size and flags, as kmalloc() chooses', () => {
    const kinds = ['kmalloc-32', 'kmalloc-cg-32', 'kmalloc-rcl-32', 'dma-kmalloc-32'];
    const of = (flags: number): readonly string[] =>
      kinds.filter((name) => belongs({ ...allocation, flags }, named(name), ACCOUNT));
    expect(of(0xcc0)).toEqual(['kmalloc-32']);
    expect(of(0xcc0 | ACCOUNT)).toEqual(['kmalloc-cg-32']);
    expect(of(0xcc0 | ACCOUNT | 0x10)).toEqual(['kmalloc-rcl-32']);
    expect(of(0xcc1)).toEqual(['dma-kmalloc-32']);
    expect(belongs({ ...allocation, flags: ACCOUNT }, named('kmalloc-32', { hasAccounted: false }), ACCOUNT)).toBe(
      true,
    );
    expect(belongs({ ...allocation, given: 64 }, named('kmalloc-32'), ACCOUNT)).toBe(false);
  });

  it('is told by the size asked for where a cache has objects of one type', () => {
    const dentry = named('dentry', { kmalloc: false, own: true, slotBytes: 192, objectBytes: 192 });
    const event = { ...allocation, event: 'kmem_cache_alloc', given: 192, requested: 192 };
    expect(belongs(event, dentry, ACCOUNT)).toBe(true);
    expect(belongs({ ...event, requested: 184 }, dentry, ACCOUNT)).toBe(false);
    expect(belongs({ ...event, event: 'kmalloc' }, dentry, ACCOUNT)).toBe(false);
  });
});

describe('the judgement of a trace', () => {
  const site: TraceSite = {
    function: 'f',
    through: [],
    callSite: 'f+0x1',
    callers: [],
    objects: 100,
    bytes: 12_800,
    heldFromFirstHalf: 50,
    allocated: 100,
    freedUnseen: 0,
    processes: [{ process: 'p', objects: 100, bytes: 12_800 }],
  };
  const events = {
    allocations: 1000,
    frees: 900,
    freedBefore: 0,
    outstandingObjects: 100,
    outstandingBytes: 12_800,
    lost: 0,
    notFollowed: 0,
  };
  const verdict = (cache: string, sites: readonly TraceSite[], more: Partial<TraceDocument['events']> = {}): string =>
    judgeTrace({
      schema: 'kleak.trace/1',
      cache,
      aliases: [],
      started: '',
      seconds: 60,
      events: { ...events, ...more },
      sites,
      limits: [],
      changed: [],
    }).verdict;

  it('is growth where a place keeps what it allocates, evenly', () => {
    expect(verdict('kmalloc-128', [site])).toBe('growth');
    expect(verdict('sock_inode_cache', [site])).toBe('growth');
  });

  it('is not, where that is young, little, a part of it, or freed where nobody sees it', () => {
    const others: readonly Partial<TraceSite>[] = [
      { heldFromFirstHalf: 0 },
      { objects: 10, heldFromFirstHalf: 5 },
      { allocated: 10_000 },
      { freedUnseen: 10 },
    ];
    expect(others.map((other) => verdict('kmalloc-128', [{ ...site, ...other }]))).toEqual(
      Array(4).fill('inconclusive'),
    );
    expect(verdict('kmalloc-128', [{ ...site, objects: 5 }], { outstandingObjects: 5 })).toBe('not-a-leak');
  });

  it('cannot be made of a cache that is kept to be used again, or where many events were lost', () => {
    expect(verdict('dentry', [site])).toBe('inconclusive');
    expect(verdict('kmalloc-128', [site], { lost: 100 })).toBe('inconclusive');
    expect(verdict('kmalloc-128', [], { allocations: 0 })).toBe('inconclusive');
  });
});

const tracefs = findTracefs();
const traceable = process.getuid?.() === 0 && tracefs.state === 'there' && existsSync('/proc/slabinfo');

describe('a trace of this host', () => {
  it.skipIf(!traceable)(
    'sees the files that this process opens, and leaves nothing behind (needs root and a mounted tracefs)',
    async () => {
      const document = await traceCache('filp', { seconds: 1, stacks: false });
      expect(document.events?.allocations).toBeGreaterThan(0);
      expect(
        tracefs.state === 'there' &&
          readdirSync(`${tracefs.folder}/instances`).filter((n) => n.startsWith(`kleak-${process.pid}`)),
      ).toEqual([]);
    },
  );

  it.skipIf(!existsSync('/proc/slabinfo') || process.getuid?.() !== 0)(
    'knows which caches there are (needs root)',
    async () => {
      await expect(traceCache('no-such-cache', { seconds: 1, stacks: false })).rejects.toThrow(
        'this host has no slab cache of that name',
      );
    },
  );
});
