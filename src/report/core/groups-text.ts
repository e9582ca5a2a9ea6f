import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreField, CoreGroup, CoreGroups, CoreOwner } from '../../findings/core/core-groups.ts';
import { escapeTerminal } from '../escape.ts';

/** Fields that are shown; the document has all. */
const MOST_FIELDS = 12;
const MOST_CANDIDATES = 4;

export function renderGroups({ cache, objects, groups, small, unread }: CoreGroups): string {
  const lines = [
    `${cache}: ${spellThings(objects, 'object')} in use, ${spellThings(groups.length, 'group')}`,
    ...groups.flatMap(groupLines),
    ...(small.groups === 0
      ? []
      : ['', `and ${spellThings(small.objects, 'object')} in ${spellThings(small.groups, 'smaller group')}`]),
    ...(unread === undefined ? [] : ['', `${spellThings(unread, 'object')} could not be looked at`]),
  ];
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

function groupLines(group: CoreGroup): readonly string[] {
  const { objects, bytes, unreachable, owner, fields, samples } = group;
  const lost =
    unreachable === 0 ? '' : `, nothing leads to ${unreachable === objects ? 'any of them' : spellCount(unreachable)}`;
  return [
    '',
    `${spellCount(objects)} × ${spellTypes(group)}, ${spellBytes(bytes)}${lost}`,
    ...(owner ? [`  ${spellOwner(owner)}`] : []),
    ...(group.candidates[0]?.evidence.length ? [`  ${group.candidates[0].evidence.join('; ')}`] : []),
    ...fields.slice(0, MOST_FIELDS).map((field) => `  ${spellField(field)}`),
    ...(fields.length > MOST_FIELDS ? [`  … ${fields.length - MOST_FIELDS} more words, see --json`] : []),
    `  ${samples.slice(0, 4).join(' ')}`,
  ];
}

function spellTypes({ type, candidates, embedded, typeConfidence }: CoreGroup): string {
  if (type !== undefined) return type;
  if (typeConfidence === 'ambiguous') {
    const names = candidates.slice(0, MOST_CANDIDATES).map((candidate) => candidate.type);
    return candidates.length > MOST_CANDIDATES ? `one of ${names.join(', ')} …` : names.join(' or ');
  }
  const parts = embedded.map((part) => `${part.type} at ${part.offset}`);
  return parts.length === 0 ? 'unknown type' : `unknown type with ${parts.slice(0, MOST_CANDIDATES).join(', ')}`;
}

function spellOwner({ kind, module, function: name, variable, unloaded }: CoreOwner): string {
  if (kind === 'gone') {
    const names = unloaded === undefined ? '' : `; unloaded since: ${unloaded.join(', ')}`;
    return `they point to code that is gone${names}`;
  }
  const what = name ?? variable ?? '';
  return kind === 'module' ? `made for ${what} of the module ${module ?? ''}` : `they name ${what}`;
}

function spellField({ offset, member, symbol, text, leadsTo, value, kind, share }: CoreField): string {
  const name = member === undefined ? '' : ` ${member}`;
  const what = symbol ?? (text === undefined ? spellTarget(leadsTo, value, kind) : `"${text}"`);
  const part = share === undefined ? '' : ` (${Math.round(share * 100)} %)`;
  return `+${offset}${name}  ${kind === 'self' ? SPELLED['self'] : what}${part}`;
}

const spellTarget = (leadsTo: string | undefined, value: string | undefined, kind: string): string =>
  leadsTo === undefined ? (value ?? SPELLED[kind] ?? kind) : `→ ${leadsTo}`;

const SPELLED: Readonly<Record<string, string>> = {
  self: 'into the object itself',
  memory: '→ memory that is no slab',
  page: '→ struct page',
  vmalloc: '→ vmalloc',
};
