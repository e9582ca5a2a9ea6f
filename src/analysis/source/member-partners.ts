import type { CFile, CUnit } from '../../model/source/c-unit.ts';
import type { WrongFreeDefect } from '../../model/source/defect.ts';
import { giverOf, takerOf } from './api/catalog.ts';
import { ignoredAt, stepAt } from './places.ts';
import { isComment } from './text-places.ts';

const TAKEN = /(?:->|\.)\s*(\w+)\s*=\s*(?:\([^()]*\)\s*)*(\w+)\s*\(/g;
const GIVEN = /\b(\w+)\s*\(([^;{}]{0,200}?)\)\s*;/g;

interface Taken {
  readonly file: CFile;
  readonly at: number;
  readonly name: string;
  /** The rest of the call's line. */
  readonly args: string;
}

interface Given {
  readonly file: CFile;
  readonly at: number;
  readonly name: string;
}

/**
 * Members that are filled by one function of a driver and freed by another: what fills and what frees must be of one
 * family. Pages of a higher order that are freed as one page are lost but for the first.
 */
export function measureMemberPartners(unit: CUnit): readonly WrongFreeDefect[] {
  return unit.files.flatMap((file) => {
    const taken = takenIn(file);
    if (taken.size === 0) return [];
    const given = givenIn(file);
    return [...taken].flatMap(([member, places]) => compare(unit, member, places, given.get(member) ?? []));
  });
}

function takenIn(file: CFile): ReadonlyMap<string, readonly Taken[]> {
  const taken = new Map<string, Taken[]>();
  for (const { 0: whole, 1: member = '', 2: name = '', index } of file.text.matchAll(TAKEN)) {
    if (takerOf(name)?.form !== 'returns' || isComment(file.text, index)) continue;
    const from = index + whole.length;
    const end = file.text.indexOf(';', from);
    const args = file.text.slice(from, end < 0 ? from : Math.min(end, from + 300));
    taken.set(member, [...(taken.get(member) ?? []), { file, at: index, name, args }]);
  }
  return taken;
}

function givenIn(file: CFile): ReadonlyMap<string, readonly Given[]> {
  const given = new Map<string, Given[]>();
  for (const { 1: name = '', 2: args = '', index } of file.text.matchAll(GIVEN)) {
    const giver = giverOf(name);
    if (!giver || isComment(file.text, index)) continue;
    const arg = args.split(',')[giver.index] ?? '';
    const member = /(?:->|\.)\s*(\w+)\s*$/.exec(arg)?.[1];
    if (member !== undefined) given.set(member, [...(given.get(member) ?? []), { file, at: index, name }]);
  }
  return given;
}

function compare(
  unit: CUnit,
  member: string,
  taken: readonly Taken[],
  given: readonly Given[],
): readonly WrongFreeDefect[] {
  const [first] = taken;
  const family = first && takerOf(first.name)?.family;
  if (!first || !family || taken.some(({ name }) => takerOf(name)?.family !== family)) return [];
  const bad = given.find(({ name }) => isWrong(name, family.id, first));
  // Freed rightly too, it may be another struct's member of the same name.
  if (
    !bad ||
    given.some(({ name }) => giverOf(name)?.families.has(family.id) === true && !isWrong(name, family.id, first))
  )
    return [];
  const within = bad.file.outline.functions.find(({ start, end }) => bad.at > start && bad.at < end);
  const ignored = ignoredAt(bad.file, bad.at);
  return [
    {
      kind: 'wrong-free',
      family,
      taker: first.name,
      holder: member,
      by: bad.name,
      file: bad.file.name,
      line: unit.line(bad.file, bad.at),
      function: within?.name ?? '',
      ...(ignored === undefined ? {} : { ignored }),
      steps: [
        stepAt(unit, first.file, first.at, `${first.name}() fills ${member}`),
        stepAt(unit, bad.file, bad.at, `${bad.name}() does not free what that returned`),
      ],
    },
  ];
}

function isWrong(giver: string, family: string, { name, args }: Taken): boolean {
  if (giverOf(giver)?.wrong.has(family) === true) return true;
  // free_page() is free_pages() of order 0.
  return giver === 'free_page' && name === '__get_free_pages' && !/,\s*0\s*\)?$/.test(args.trim());
}
