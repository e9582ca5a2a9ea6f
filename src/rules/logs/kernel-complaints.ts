import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import { bytes, isQuantity } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { slabUsers } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

type EventOf<K extends KernelEvent['kind']> = Extract<KernelEvent, { kind: K }>;

/** Lines in which the kernel itself says that memory was left behind. */
export const kernelComplaints: Rule<'events'> = defineRule({
  id: 'kernel-complaint',
  title: 'log lines that say memory was left behind',
  needs: ['events'],
  examine({ events }) {
    return [
      ...of(events, 'module-unload-leak').map(unloadLeak),
      ...of(events, 'objects-remaining').map(objectsRemaining),
      ...of(events, 'slub-cannot-allocate').slice(0, 3).map(cannotAllocate),
    ];
  },
});

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the filter on kind is what the type says
const of = <K extends KernelEvent['kind']>(events: readonly KernelEvent[], kind: K): readonly EventOf<K>[] =>
  events.filter((e): e is EventOf<K> => e.kind === kind);

function unloadLeak(e: EventOf<'module-unload-leak'>): Finding {
  return {
    id: 'kernel-complaint',
    title: `module ${e.module} left ${spellBytes(e.bytes)} behind, allocated by ${e.function} (${e.source})`,
    summary: `Module ${e.module} was unloaded and left ${spellBytes(e.bytes)} behind, allocated by ${e.function} at ${e.source}.`,
    verdict: 'leak',
    layer: 'slab-unreclaimable',
    confidence: 0.95,
    bytes: e.bytes,
    subject: { function: e.function, callSite: e.source },
    owner: { kind: 'module', name: e.module, function: e.function },
    evidence: [
      { text: 'the kernel counts allocations by call site and found these alive when the module went', source: e.at },
    ],
    next: [],
    terms: ['allocinfo'],
  };
}

function objectsRemaining(e: EventOf<'objects-remaining'>): Finding {
  const count = e.objects === undefined ? 'objects' : spellThings(e.objects, 'object');
  const module = e.destroyer?.module;
  const group = e.memcg === undefined ? '' : ' of a memory cgroup';
  const by = e.destroyer?.symbol ? ` by ${e.destroyer.symbol}${module ? ` [${module}]` : ''}` : '';
  return {
    id: 'kernel-complaint',
    title: `${count} remained in slab cache ${e.cache}${group} when it was destroyed${by}`,
    summary: `The slab cache ${e.cache}${group} was destroyed${by} while ${count} ${e.objects === 1 ? 'was' : 'were'} still allocated from it${e.allocator?.symbol ? `, the first of them by ${e.allocator.symbol}` : ''}, never freed.`,
    verdict: 'leak',
    layer: 'slab-unreclaimable',
    confidence: e.memcg === undefined ? 0.93 : 0.7,
    ...(e.objects === undefined ? {} : { objects: e.objects }),
    // Who allocated, where SLUB kept track; who destroyed the cache is the owner, not the culprit's line.
    subject: { cache: e.cache, ...(e.allocator?.symbol ? { function: e.allocator.symbol } : {}) },
    ...(module ? { owner: { kind: 'module', name: module, function: e.destroyer.symbol } } : {}),
    evidence: [
      { text: `“Objects remaining” for ${e.cache}${e.process ? `, while ${e.process} ran` : ''}`, source: e.at },
    ],
    next: [
      {
        command: `cat /proc/cmdline; dmesg | grep -A 30 'Objects remaining'`,
        why: `booted once with slub_debug=U,${e.cache.replaceAll(/[^\w:.-]/g, '')} the kernel prints with each remaining object who allocated it`,
        risk: 'none',
      },
    ],
    terms: ['slab cache', 'slub_debug'],
  };
}

/** Containers' names are 64 digits: the first twelve are how people know them. */
const shorten = (name: string): string => (/^[0-9a-f]{64}/.test(name) ? `${name.slice(0, 12)}…` : name);

/** What all objects of a cache hold that has none free: below this the cache is not where memory went. */
const MUCH = 1024 ** 3;

function cannotAllocate(e: EventOf<'slub-cannot-allocate'>): Finding {
  const times = e.times > 1 ? `, ${spellCount(e.times)} times` : '';
  const group = e.memcg !== undefined;
  const held = Math.max(0, (e.objects ?? 0) - (e.free ?? 0)) * (e.objectSize ?? 0);
  const size = isQuantity(held) && held > 0 ? bytes(held) : undefined;
  const large = !group && held >= MUCH;
  const holds = size === undefined ? '' : `; its ${spellCount(e.objects ?? 0)} objects hold ${spellBytes(size)}`;
  const why = large
    ? `${holds}, and nearly none is free: this cache is where memory went.`
    : `${holds}: memory was short at that moment. The line does not say why.`;
  return {
    id: 'kernel-complaint',
    title: `SLUB could not allocate from ${e.cache}${group ? ' for a memory cgroup' : ''}${times}${large && size !== undefined ? `, which holds ${spellBytes(size)}` : ''}`,
    summary: group
      ? `The kernel could not allocate from ${e.cache} for memory cgroup ${shorten(e.memcg ?? '')}${times}: kernel memory accounting of the cgroup is at its limit, or its remnants fill it.`
      : `The kernel could not allocate from ${e.cache}${times}${why}`,
    verdict: group || large ? 'growth' : 'inconclusive',
    layer: 'slab-unreclaimable',
    confidence: group || large ? 0.6 : 0.4,
    ...(size === undefined ? {} : { bytes: size }),
    ...(e.objects === undefined ? {} : { objects: e.objects }),
    subject: { cache: e.cache },
    ...(group ? { owner: { kind: 'subsystem', name: 'memory cgroups' } } : {}),
    evidence: [
      {
        text: `${e.slabs === undefined ? '' : `${spellCount(e.slabs)} slabs, `}${e.objects === undefined ? '' : `${spellCount(e.objects)} objects, `}${e.free === undefined ? 'no object could be had' : `${spellCount(e.free)} free`}`,
        source: e.at,
      },
    ],
    next: [
      group
        ? {
            command: 'grep memory /proc/cgroups; uname -r',
            why: 'cgroups in the kernel (65,535 is the limit) and the release',
            risk: 'none',
          }
        : slabUsers(e.cache),
    ],
    terms: group ? ['memory cgroup', 'slab cache'] : ['slab cache'],
  };
}
