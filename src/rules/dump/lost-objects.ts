import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { DumpFacts, LostThing } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { causeOf } from './causes.ts';
import {
  allocationEvidence,
  at,
  FEWEST,
  isLarge,
  listGroups,
  mayBeHeld,
  sweepEvidence,
  whoPoints,
} from './dump-claims.ts';

const MOST = 6;

/** Objects in use that nothing in memory leads to: nobody can free them any more. */
export const lostObjects: Rule<'dump'> = defineRule({
  id: 'unreachable-objects',
  title: 'objects that nothing in memory leads to',
  needs: ['dump'],
  examine({ dump }) {
    return dump.lost
      .filter(({ units, independent }) => units >= FEWEST && !mayBeHeld(dump, independent))
      .slice(0, MOST)
      .map((thing) => describe(thing, dump));
  },
});

function describe(thing: LostThing, dump: DumpFacts): Finding {
  const { samples, parts, units, bytes, objects } = thing;
  const [lead, ...others] = parts;
  const sample = samples[0] ?? '';
  const what = nameThing(thing);
  const cause = causeOf(thing, dump);
  // A function of the kernel itself in the content says what a thing is; where its kind is known it says nothing more.
  const isKernels = thing.owner?.module === undefined && thing.owner?.gone === undefined;
  const maker = cause && isKernels ? '' : makerOf(thing);
  const size = `${spellBytes(bytes)}${shareOfCache(lead, dump)}`;
  return {
    id: 'unreachable-objects',
    title: `${spellCount(units)} × ${what}, ${spellBytes(bytes)}, that nothing leads to${maker}`,
    summary: `${spellCount(units)} ${others.length > 0 ? '× ' : ''}${what} (${size}) are lost: nothing in memory leads to them any more${maker}.${cause ? ` ${cause.sentence}` : ''}${suspects(thing, dump)}`,
    verdict: 'leak',
    layer: layerOf(thing),
    confidence: confidence(thing, dump),
    bytes,
    objects,
    subject: {
      cache: lead.cache,
      ...(lead.aliases.length > 0 ? { aliases: lead.aliases } : {}),
      ...(others.length > 0 ? { together: [...new Set(others.map(({ cache }) => cache))] } : {}),
      ...(lead.type === undefined ? {} : { type: lead.type }),
      ...(cause?.made === undefined ? {} : { function: cause.made }),
    },
    ...ownerOf(thing),
    evidence: [
      sweepEvidence(dump, sample),
      {
        text: `${begin(thing)}, such as ${samples.slice(0, 3).join(', ')}`,
        source: at(dump.file, sample),
      },
      ...contentEvidence(thing, dump),
      ...(cause ? [{ text: cause.why, source: at(dump.file, sample) }] : []),
    ],
    next: [...(cause?.next ?? []), whoPoints(dump.file, sample), listGroups(dump.file, lead.cache)],
    terms: ['unreachable', 'slab cache'],
  };
}

/** `; 98 % of kmalloc-32`, where there is but one part and it is most of its cache. */
function shareOfCache({ cache, objects }: LostThing['parts'][number], { caches }: DumpFacts): string {
  const of = caches.find(({ name }) => name === cache);
  if (of === undefined || of.objects < objects || objects < of.objects / 2) return '';
  return `; ${spellShare(objects / of.objects)} of ${cache}`;
}

const begin = ({ sources, units }: LostThing): string => {
  if (sources === units) return 'no word in memory holds the address of any of them';
  if (sources === 0) return 'the parts of each point at each other, and nothing else points at any of them';
  return `${spellCount(sources)} of the ${spellCount(units)} begin with an object whose address no word in memory holds; the parts of the others point at each other only`;
};

/** Where their content names nobody: who could have made them. */
function suspects({ owner }: LostThing, { foreignModules }: DumpFacts): string {
  if (owner?.module !== undefined || owner?.gone || foreignModules.length === 0) return '';
  return ` Their content names no module; those from outside of the kernel's tree are ${foreignModules.slice(0, 4).join(', ')}.`;
}

/** `struct socket_alloc + struct dentry + objects of lsm_inode_cache`. */
function nameThing({ parts }: LostThing): string {
  const names = parts.slice(0, 4).map(({ type, cache }) => type ?? `objects of ${cache}`);
  return `${names.join(' + ')}${parts.length > 4 ? ` and ${parts.length - 4} more` : ''}`;
}

/** A function of the kernel itself serves many: it stands among the evidence, not as the maker. */
function makerOf({ owner }: LostThing): string {
  if (owner?.gone) return `, made for ${owner.function ?? 'code'}, code that is gone`;
  if (owner?.module === undefined) return '';
  const of = `module ${owner.module}`;
  return owner.function === undefined ? `, made by ${of}` : `, made for ${owner.function} of ${of}`;
}

function ownerOf({ owner }: LostThing): Pick<Finding, 'owner'> {
  if (owner?.module === undefined) return {};
  return {
    owner: {
      kind: 'module',
      name: owner.module,
      ...(owner.function === undefined ? {} : { function: owner.function }),
    },
  };
}

/** The layer of most of its bytes. */
function layerOf({ parts }: LostThing): Finding['layer'] {
  const sum = (reclaimable: boolean): number =>
    parts.filter((part) => part.reclaimable === reclaimable).reduce((total, part) => total + part.bytes, 0);
  return sum(true) > sum(false) ? 'slab-reclaimable' : 'slab-unreclaimable';
}

function contentEvidence(thing: LostThing, { file }: DumpFacts): readonly Evidence[] {
  const { words, reachableAlike, samples } = thing;
  const [{ type }] = thing.parts;
  const source = at(file, samples[0] ?? '');
  const named = words.slice(0, 4).map(({ member, offset, symbol }) => `${member ?? `+${offset}`} ${symbol}`);
  return [
    ...(named.length === 0 ? [] : [{ text: `each holds: ${named.join(', ')}`, source }]),
    ...allocationEvidence(thing.allocation, source),
    ...(type === undefined ? [] : [{ text: `by their content they are ${type} and no other type that fits`, source }]),
    ...(reachableAlike === 0
      ? []
      : [{ text: `${spellCount(reachableAlike)} objects of the same content are in use and reachable`, source }]),
  ];
}

/** Sure where there are many alike, nothing is missing, and their content names its maker. */
function confidence({ units, owner, bytes }: LostThing, { missing, ram }: DumpFacts): number {
  const many = units >= 1000 ? 0.1 : units >= 100 ? 0.05 : 0;
  return Math.min(0.99, (isLarge(bytes, ram) ? 0.78 : 0.6) + many + (missing === 0 ? 0.05 : 0) + (owner ? 0.06 : 0));
}
