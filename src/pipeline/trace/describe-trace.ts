import { measureCallSite } from '../../analysis/call-site.ts';
import type { TracedAllocations, TracedGroup } from '../../analysis/trace/outstanding.ts';
import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { TraceDocument, TraceShare, TraceSite } from '../../findings/trace.ts';
import type { AddressKey } from '../../model/kmem-event.ts';
import type { Measured } from '../../model/measured.ts';
import type { Frame } from '../../model/snapshot.ts';
import type { SymbolTable } from '../../model/symbols/symbol-table.ts';
import { madeBy } from '../../rules/sites.ts';
import { judgeTrace } from './judge-trace.ts';
import type { TraceRun } from './trace-cache.ts';

const MOST_SITES = 200;
const MOST_PROCESSES = 8;
const MOST_CALLERS = 5;
const MOST_FRAMES = 24;
/** Text of the kernel and its modules lies where the bits above the key are all ones. */
const TEXT = 0xfff0_0000_0000_0000n;

/** The document of a run: sites named, processes added up, judged. */
export function describeTrace(run: TraceRun, symbols: Measured<SymbolTable> | undefined): TraceDocument {
  const { cache, traced } = run;
  const groups = traced?.groups.filter((group) => !isOfAnother(group, run)) ?? [];
  const elsewhere = new Set(traced?.groups.filter((group) => isOfAnother(group, run)).map(({ site }) => site)).size;
  const sites = siteRows(groups, symbols?.state === 'measured' ? symbols.value : undefined);
  const document: Omit<TraceDocument, 'verdict' | 'summary'> = {
    schema: 'kleak.trace/1',
    cache: cache.name,
    aliases: cache.aliases,
    objectBytes: cache.slotBytes,
    started: new Date(run.started).toISOString(),
    seconds: run.seconds,
    ...(traced ? { events: addUp(traced, groups, run.lost) } : {}),
    sites: sites.slice(0, MOST_SITES),
    ...(cache.objects === undefined || run.objectsAfter === undefined
      ? {}
      : { cacheObjects: { before: cache.objects, after: run.objectsAfter } }),
    limits: limitsOf(run, elsewhere, symbols, sites),
    ...(run.overhead ? { overhead: run.overhead } : {}),
    changed: run.changed,
    ...(run.fallback ? { fallback: run.fallback } : {}),
  };
  return { ...document, ...judgeTrace(document) };
}

/** Its objects were freed, and to no name of this cache: it allocates from another one with objects of this size. */
const isOfAnother = ({ caches }: TracedGroup, { cache }: TraceRun): boolean =>
  caches.length > 0 && !caches.some((name) => name === cache.name || cache.aliases.includes(name));

function addUp(
  { frees, freedBefore, notFollowed }: TracedAllocations,
  groups: readonly TracedGroup[],
  lost: number,
): NonNullable<TraceDocument['events']> {
  const sum = (of: (g: TracedGroup) => number): number => groups.reduce((n, g) => n + of(g), 0);
  return {
    allocations: sum((g) => g.allocated),
    frees,
    freedBefore,
    outstandingObjects: sum((g) => g.outstanding),
    outstandingBytes: sum((g) => g.outstandingBytes),
    lost,
    notFollowed,
  };
}

function siteRows(groups: readonly TracedGroup[], symbols: SymbolTable | undefined): readonly TraceSite[] {
  const together = new Map<string, TracedGroup[]>();
  for (const group of groups) {
    const frames = framesOf(group, symbols);
    const { function: name, module, callers } = measureCallSite(frames);
    const key = `${name} ${module ?? ''} ${group.site} ${callers.join(' ')}`;
    const known = together.get(key);
    if (known) known.push(group);
    else together.set(key, [group]);
  }
  return [...together.values()]
    .map((members) => describeSite(members, symbols))
    .toSorted((a, b) => b.bytes - a.bytes || b.allocated - a.allocated);
}

function describeSite(groups: readonly TracedGroup[], symbols: SymbolTable | undefined): TraceSite {
  const [first = EMPTY] = groups.toSorted((a, b) => b.outstanding - a.outstanding);
  const place = measureCallSite(framesOf(first, symbols));
  const { function: name, module, callers, through } = place;
  const made = madeBy({ site: place });
  const sum = (of: (g: TracedGroup) => number): number => groups.reduce((n, g) => n + of(g), 0);
  const lived = groups.filter((g) => g.meanLife !== undefined);
  const weight = lived.reduce((n, g) => n + g.allocated, 0);
  return {
    function: name,
    ...(module === undefined ? {} : { module }),
    ...(made ? { type: made.type } : {}),
    ...(made?.partner === undefined ? {} : { partner: made.partner }),
    through,
    callSite: first.site === 0 ? 'other places' : spell(first.site, symbols),
    callers: callers.slice(0, MOST_CALLERS),
    objects: sum((g) => g.outstanding),
    bytes: sum((g) => g.outstandingBytes),
    heldFromFirstHalf: sum((g) => g.old),
    allocated: sum((g) => g.allocated),
    freedUnseen: sum((g) => g.freedUnseen),
    ...(weight === 0
      ? {}
      : { meanLifeSeconds: lived.reduce((n, g) => n + (g.meanLife ?? 0) * g.allocated, 0) / weight }),
    processes: sharesOf(groups),
    ...(first.stack.length === 0
      ? {}
      : { stack: first.stack.slice(0, MOST_FRAMES).map((address) => spell(address, symbols)) }),
  };
}

const EMPTY: TracedGroup = {
  site: 0,
  stack: [],
  process: '',
  allocated: 0,
  allocatedBytes: 0,
  outstanding: 0,
  outstandingBytes: 0,
  old: 0,
  freedUnseen: 0,
  caches: [],
};

function sharesOf(groups: readonly TracedGroup[]): readonly TraceShare[] {
  const shares = new Map<string, { objects: number; bytes: number; allocated: number }>();
  for (const g of groups) {
    const share = shares.get(g.process) ?? { objects: 0, bytes: 0, allocated: 0 };
    share.objects += g.outstanding;
    share.bytes += g.outstandingBytes;
    share.allocated += g.allocated;
    shares.set(g.process, share);
  }
  return [...shares]
    .toSorted(([, a], [, b]) => b.bytes - a.bytes || b.allocated - a.allocated)
    .slice(0, MOST_PROCESSES)
    .map(([process, { objects, bytes }]) => ({ process, objects, bytes }));
}

const framesOf = ({ site, stack }: TracedGroup, symbols: SymbolTable | undefined): readonly Frame[] =>
  (stack.length > 0 ? stack : [site]).map((address) => frameOf(address, symbols));

/** An address that a function returns to may lie behind its end: the call itself lies before it. */
function frameOf(key: AddressKey, symbols: SymbolTable | undefined): Frame {
  const address = textAddress(key);
  const found = symbols?.at(address - 1n);
  if (!found) return { symbol: '', address: `0x${address.toString(16)}` };
  return { symbol: found.name, ...(found.module === undefined ? {} : { module: found.module }) };
}

function spell(key: AddressKey, symbols: SymbolTable | undefined): string {
  const address = textAddress(key);
  const found = symbols?.at(address - 1n);
  if (!found) return `0x${address.toString(16)}`;
  const offset = `+0x${(found.offset + 1).toString(16)}`;
  return `${found.name}${offset}${found.module === undefined ? '' : ` [${found.module}]`}`;
}

const textAddress = (key: AddressKey): bigint => TEXT | BigInt(key);

function limitsOf(
  run: TraceRun,
  elsewhere: number,
  symbols: Measured<SymbolTable> | undefined,
  sites: readonly TraceSite[],
): readonly string[] {
  const { cache, traced } = run;
  const unseen = sites.reduce((n, s) => n + s.freedUnseen, 0);
  return [
    ...(run.lost > 0
      ? [
          `${spellCount(run.lost)} of ${spellCount(run.written)} events were lost: what was freed by one of them is listed as not freed`,
        ]
      : []),
    ...(run.torn > 0 ? [`${run.torn} pages of the trace could not be read to their end`] : []),
    ...(traced && traced.notFollowed > 0
      ? [`${spellCount(traced.notFollowed)} allocations were not followed: too many were held at a time`]
      : []),
    ...(unseen > 0
      ? [
          `${spellCount(unseen)} objects were given out again without a free being seen: frees in bulk and by kfree_rcu() are not traced by the kernel`,
        ]
      : []),
    ...(cache.own && cache.sameSize.length > 0
      ? [
          `the kernel’s events tell the size of an object, not its cache; ${cache.sameSize.slice(0, 4).join(', ')} ${cache.sameSize.length === 1 ? 'has' : 'have'} ${spellBytes(cache.slotBytes)} too${elsewhere > 0 ? ` (${elsewhere} places left out, whose frees name another cache)` : ''}`,
        ]
      : []),
    ...(cache.name.startsWith('kmalloc-rnd-')
      ? [
          'the kernel spreads kmalloc() over 16 random copies of this cache; the events do not tell which, so all are shown',
        ]
      : []),
    ...(symbols?.state === 'missing' ? [`places are shown as addresses: ${symbols.because}`] : []),
  ];
}
