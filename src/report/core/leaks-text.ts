import { spellBytes, spellCount, spellDuration, spellThings } from '../../base/spelling.ts';
import type { CoreLeakGroup, CoreLeaks, CoreLostPercpu } from '../../findings/core/core-leaks.ts';
import { escapeTerminal } from '../escape.ts';

const MOST_GROUPS = 20;
/** Fewer of a kind are what every kernel drops at boot. */
const FEWEST = 10;

export function renderLeaks({
  scanned,
  objects,
  unreachable,
  missing,
  groups,
  memory,
  percpu = [],
}: CoreLeaks): string {
  const shown = groups.filter(({ units }) => units >= FEWEST).slice(0, MOST_GROUPS);
  const few = groups.filter(({ units }) => units < FEWEST).reduce((sum, g) => sum + g.objects, 0);
  const lines = [
    `${spellThings(objects, 'object')} in use; nothing leads to ${spellCount(unreachable.objects)} of them, ${spellBytes(unreachable.bytes)}`,
    `searched ${spellBytes(scanned.bytes)} (${spellCount(scanned.words)} words) in ${spellDuration(scanned.seconds)}`,
    ...(missing.bytes === 0
      ? []
      : [
          `${spellBytes(missing.bytes)} that may hold ${spellCount(missing.references)} references are not in the dump: groups no larger are not certain`,
        ]),
    ...shown.flatMap(groupLines),
    ...(few > 0
      ? ['', `and ${spellThings(few, 'object')} of which there are fewer than ${FEWEST} alike, as in every kernel`]
      : []),
    ...memory
      .slice(0, 8)
      .flatMap((m) => [
        '',
        `${spellCount(m.blocks)} ${m.kind === 'vmalloc' ? 'vmalloc areas' : `blocks of ${spellThings(m.pages, 'page')}`}, ${spellBytes(m.bytes)}; ${spellCount(m.reachableAlike)} like them are referred to${m.holder ? ` by way of ${m.holder.symbol}${m.holder.module === undefined ? '' : ` [${m.holder.module}]`}` : ''}`,
        `  ${m.samples.slice(0, 4).join(' ')}`,
      ]),
    ...percpu.slice(0, 8).flatMap(percpuLines),
  ];
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

const percpuLines = ({ areas, size, bytes, owner, samples }: CoreLostPercpu): readonly string[] => [
  '',
  `${spellCount(areas)} per-CPU areas of ${spellBytes(size)}, ${spellBytes(bytes)} on all CPUs${owner ? `; they name ${owner.function} [${owner.module}]` : ''}`,
  `  ${samples.slice(0, 4).join(' ')}`,
];

function groupLines(group: CoreLeakGroup): readonly string[] {
  const { units, bytes, cache, type, owner, fields, samples } = group;
  const maker =
    owner?.function === undefined
      ? ''
      : `, made for ${owner.function}${owner.module === undefined ? '' : ` [${owner.module}]`}`;
  const others = group.with.map((part) => `${part.type ?? part.cache} × ${spellCount(part.objects)}`);
  return [
    '',
    `${spellCount(units)} × ${type ?? `objects of ${cache}`}${type === undefined ? '' : ` (${cache})`}, ${spellBytes(bytes)}${maker}${group.certain ? '' : ', not certain'}`,
    ...(others.length === 0
      ? []
      : [`  with ${others.slice(0, 6).join(', ')}${others.length > 6 ? ` and ${others.length - 6} more` : ''}`]),
    ...(fields.length === 0
      ? []
      : [
          `  ${fields
            .slice(0, 6)
            .map(({ offset, member, symbol }) => `${member ?? `+${offset}`} ${symbol}`)
            .join(', ')}`,
        ]),
    `  ${group.referrers === 'none' ? 'no word holds the address of most of them' : 'they point to each other only'}: ${samples.slice(0, 4).join(' ')}`,
  ];
}
