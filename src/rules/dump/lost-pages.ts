import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { DumpFacts, LostMemory } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import {
  allocationEvidence,
  at,
  dumpCommand,
  isLarge,
  mayBeHeld,
  quoted,
  sweepEvidence,
  whoPoints,
} from './dump-claims.ts';

/** Every kernel has some pages that are known by number only, or were taken at boot and forgotten: a few hundred. */
const FEWEST_BLOCKS = 64;
/** Of single pages there are more that are known by other means than pointers. */
const FEWEST_PAGES = 1024;
const FEWEST_AREAS = 10;

/** Pages that were taken from the page allocator, or by vmalloc, and that nothing refers to. */
export const lostPages: Rule<'dump'> = defineRule({
  id: 'unreferenced-pages',
  title: 'pages that nothing in memory refers to',
  needs: ['dump'],
  examine({ dump }) {
    return dump.lostMemory.filter((lost) => isEnough(lost, dump)).map((lost) => describe(lost, dump));
  },
});

function isEnough({ kind, pages, blocks, bytes }: LostMemory, dump: DumpFacts): boolean {
  if (mayBeHeld(dump, blocks)) return false;
  if (kind === 'vmalloc') return blocks >= FEWEST_AREAS;
  return blocks >= (pages === 1 ? FEWEST_PAGES : FEWEST_BLOCKS) && isLarge(bytes, dump.ram);
}

function describe(lost: LostMemory, dump: DumpFacts): Finding {
  const { kind, blocks, bytes, caller, holder, samples } = lost;
  const what = spellBlocks(lost);
  const module = caller?.module ?? holder?.module;
  const who = whose(lost);
  const how = kind === 'vmalloc' ? 'taken' : 'taken straight from the page allocator';
  const sure =
    0.75 +
    (blocks >= 1000 ? 0.1 : 0) +
    (dump.missing === 0 ? 0.05 : 0) +
    (holder || caller?.module !== undefined ? 0.05 : 0);
  return {
    id: 'unreferenced-pages',
    title: `${spellCount(blocks)} ${what}, ${spellBytes(bytes)} (${spellShare(bytes / dump.ram)} of RAM), that nothing refers to${who}`,
    summary: `${spellBytes(bytes)} in ${spellCount(blocks)} ${what} were ${how} and nothing in memory refers to them any more${who}.`,
    verdict: 'leak',
    layer: kind === 'vmalloc' ? 'vmalloc' : 'page-allocator',
    confidence: Math.min(0.97, sure),
    bytes,
    objects: blocks,
    ...(module === undefined
      ? {}
      : {
          owner: {
            kind: 'module',
            name: module,
            ...(caller?.module === undefined ? {} : { function: caller.function }),
          },
        }),
    evidence: [sweepEvidence(dump, samples[0] ?? ''), ...blockEvidence(lost, dump)],
    next: [
      ...versionOf(module),
      whoPoints(dump.file, samples[0] ?? ''),
      kind === 'vmalloc'
        ? dumpCommand(dump.file, 'vmalloc', 'areas by who asked for them')
        : dumpCommand(dump.file, 'pages', 'pages by use and size; with page_owner the functions that took them'),
      {
        command: 'kleak known page allocator',
        why: 'drivers that are known to lose pages, by version',
        risk: 'none',
      },
    ],
    terms: ['page allocator', 'unreachable'],
  };
}

/** The area itself says who asked for it; for other pages there is who holds more of the kind. */
function whose({ caller, holder }: LostMemory): string {
  if (caller !== undefined)
    return `; asked for by ${caller.function}${caller.module === undefined ? '' : ` of module ${caller.module}`}`;
  return holder?.module === undefined ? '' : `; those still known belong to module ${holder.module}`;
}

/** Which version it is decides which fix there is. */
const versionOf = (module: string | undefined): Finding['next'] =>
  module === undefined
    ? []
    : [
        {
          command: `modinfo ${quoted(module)}`,
          why: 'on that host: the version, to look for in its change log; one host with another version tells whether it is the driver',
          risk: 'none',
        },
      ];

const spellBlocks = ({ kind, pages }: LostMemory): string =>
  kind === 'vmalloc' ? 'vmalloc areas' : pages === 1 ? 'single pages' : `blocks of ${pages} pages`;

function blockEvidence(lost: LostMemory, { file, foreignModules }: DumpFacts): readonly Evidence[] {
  const { caller, holder, samples, reachableAlike } = lost;
  const source = at(file, samples[0] ?? '');
  const of = holder?.module === undefined ? '' : ` of module ${holder.module}`;
  return [
    {
      text: `no word holds the address of one of them or of its struct page, no page table maps it, no list links it: ${samples.slice(0, 3).join(', ')}`,
      source,
    },
    ...(lost.begins === undefined ? [] : [{ text: `most begin with the same bytes: ${lost.begins}`, source }]),
    ...(caller
      ? [
          {
            text: `each area keeps who asked for it: ${caller.function}${caller.module === undefined ? '' : ` of module ${caller.module}`}`,
            source,
          },
        ]
      : []),
    ...(holder
      ? [
          {
            text: `${spellCount(reachableAlike)} more ${spellBlocks(lost)} are still referred to, ${reachableAlike === holder.blocks ? 'all' : spellCount(holder.blocks)} of them by way of ${holder.symbol}${of}`,
            source,
          },
        ]
      : []),
    ...allocationEvidence(lost.allocation, source),
    ...(foreignModules.length > 0
      ? [
          {
            text: `modules from outside of the kernel's tree are loaded: ${foreignModules.slice(0, 6).join(', ')}`,
            source,
          },
        ]
      : []),
  ];
}
