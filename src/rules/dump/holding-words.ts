import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Evidence, Finding, Layer, NextStep } from '../../findings/finding.ts';
import type { DumpFacts, HeldPart, Holding } from '../../model/dump-facts.ts';
import { at, listGroups, quoted, whoPoints } from './dump-claims.ts';

/** Structures by the word that leads to the first of many. */
const LINKS: Readonly<Record<NonNullable<Holding['link']>['kind'], string>> = {
  list_head: 'list head',
  hlist: 'hash list',
  rbtree: 'tree',
  chain: 'chain of pointers',
  xarray: 'xarray',
  'maple tree': 'maple tree',
  table: 'table of pointers',
};

/** `list head queue of module nfp (nfp_retry)`, `the object of kmalloc-4k at ff…`. */
export function nameHolder({ holder, link, owner }: Holding): string {
  const by = link ? `${LINKS[link.kind]} ` : '';
  const code = owner?.function === undefined ? '' : ` (${owner.function})`;
  switch (holder.kind) {
    case 'module':
      return `${by}${holder.variables.join(' and ')} of module ${holder.module}${owner?.module === holder.module ? code : ''}`;
    case 'symbol':
      return `${by}${holder.symbol} of the kernel`;
    case 'object':
      return `the object of ${holder.cache} at ${holder.address}${holder.module === undefined ? '' : ` of module ${holder.module}`}`;
    case 'place':
      return holder.place;
  }
}

/** `copies of struct path + struct dentry`: those of which there are nearly as many as of the first. */
export function nameThings({ parts, paths }: Holding): string {
  const names = mainParts(parts).map(nameOf);
  const [, ...others] = names;
  return (paths ? ['copies of struct path', ...others] : names).slice(0, 4).join(' + ');
}

/** Blocks of pages by their size, of which there is one in a holding as a rule. */
const nameOf = ({ type, cache, of, objects, bytes }: HeldPart): string => {
  if (type !== undefined) return type;
  if (cache !== undefined) return `objects of ${cache}`;
  return of === 'pages' ? `blocks of ${spellBytes(bytes / Math.max(1, objects))}` : 'vmalloc areas';
};

/** The leading part, and those that there are half as many of at least. */
export function mainParts([lead, ...others]: Holding['parts']): readonly [HeldPart, ...HeldPart[]] {
  return [lead, ...others.filter(({ objects }) => objects >= lead.objects / 2)];
}

/** By what most of the bytes are. */
export function layerOf(parts: readonly HeldPart[]): Layer {
  const sums = new Map<Layer, number>();
  for (const { of, reclaimable, bytes } of parts) {
    const slab = reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable';
    const layer = of === 'slab' ? slab : of === 'pages' ? 'page-allocator' : 'vmalloc';
    sums.set(layer, (sums.get(layer) ?? 0) + bytes);
  }
  return [...sums].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 'slab-unreclaimable';
}

export function subjectOf({ parts }: Holding): NonNullable<Finding['subject']> {
  const [lead, ...others] = mainParts(parts);
  const together = [...new Set(others.flatMap(({ cache }) => cache ?? []))];
  const type = lead.type ?? others.find((part) => part.type !== undefined)?.type;
  return {
    ...(lead.cache === undefined ? {} : { cache: lead.cache }),
    ...(lead.aliases.length > 0 ? { aliases: lead.aliases } : {}),
    ...(together.length > 0 ? { together } : {}),
    ...(type === undefined ? {} : { type }),
  };
}

export function ownerOf({ holder, owner }: Holding): Pick<Finding, 'owner'> {
  const named = 'module' in holder ? holder.module : owner?.module;
  if (named === undefined) return {};
  const code = owner?.module === named ? owner.function : undefined;
  const data = holder.kind === 'module' ? holder.variables[0] : undefined;
  const name = code ?? data;
  return { owner: { kind: 'module', name: named, ...(name === undefined ? {} : { function: name }) } };
}

/** What is held, and by what; the head's address first, so that it can be checked by hand. */
export function holdingEvidence(holding: Holding, { file }: DumpFacts): readonly [Evidence, ...Evidence[]] {
  const { link, parts, objects, bytes, way, samples, paths } = holding;
  const head = at(file, link?.head ?? samples[0] ?? '');
  const each = mainParts(parts).map((part) => {
    const count = spellCount(part.objects);
    return part.cache === undefined
      ? `${count} ${nameOf(part)}`
      : `${count} of ${part.cache} (${spellShare(part.share)} of it)`;
  });
  const linked = link?.offset === undefined ? '' : `, linked at +${link.offset}`;
  return [
    {
      text: `${nameHolder(holding)}${link ? ` at ${link.head}` : ''}: without it nothing would lead to ${spellCount(objects)} objects, ${spellBytes(bytes)}: ${each.join(', ')}`,
      source: head,
    },
    { text: `such as ${samples.slice(0, 3).join(', ')}${linked}`, source: at(file, samples[0] ?? '') },
    ...(paths ? [pathEvidence(paths, file)] : []),
    ...(way.length > 0 ? [{ text: `one of them is reached by ${way.join(' → ')}`, source: head }] : []),
  ];
}

function pathEvidence({ offset, dentries, fileSystems, mount }: NonNullable<Holding['paths']>, file: string): Evidence {
  const where = fileSystems.length === 0 ? '' : ` of ${fileSystems.join(' and ')}`;
  return {
    text: `each holds a struct path at +${offset}: a mount${where} and a dentry; ${spellCount(dentries)} dentries are kept so, and by nobody else`,
    source: at(file, mount ?? ''),
  };
}

export function holdingSteps({ holder, parts, samples }: Holding, { file }: DumpFacts): readonly NextStep[] {
  const [lead] = parts;
  const variable = holder.kind === 'module' ? holder.variables[0] : undefined;
  return [
    { ...whoPoints(file, samples[0] ?? ''), why: 'the way from its head; another holder would disprove this' },
    ...(variable === undefined || 'module' in holder === false
      ? []
      : [
          {
            command: `grep -rn ${quoted(variable)} .`,
            why: `in the source of ${holder.module}: who adds to it, and on which path nobody takes off`,
            risk: 'none' as const,
          },
        ]),
    ...(lead.cache === undefined ? [] : [listGroups(file, lead.cache)]),
  ];
}
