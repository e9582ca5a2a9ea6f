import type { ResourceFamily } from '../../../model/source/resource.ts';
import { DEVICE_OBJECTS } from './device-objects.ts';
import { DEVICE_REFERENCES } from './device-references.ts';
import { MEMORY, type FamilyRow } from './families.ts';
import { REFERENCES } from './references.ts';

/** A function that hands something out. */
export interface Taker {
  readonly name: string;
  readonly family: ResourceFamily;
  /** How: as its value, through a pointer, as a count on an argument, in a member of one, or as what an argument became. */
  readonly form: 'returns' | 'out' | 'argument' | 'member' | 'setup';
  /** Members behind the argument where it is stored, for `member`. */
  readonly suffix?: readonly { readonly arrow: boolean; readonly name: string }[];
  /** The argument meant, for all but `returns`. */
  readonly index: number;
  /** Whether 0 says that it failed; else anything but 0 does, for what has no pointer. */
  readonly zeroFails: boolean;
  /** It is there where the call failed, and somebody else's where it did not. */
  readonly failing?: boolean;
}

/** A function that takes something back, from its argument. */
interface Giver {
  readonly index: number;
  readonly families: ReadonlySet<string>;
  /** Families that it does not free, though it looks so. */
  readonly wrong: Set<string>;
}

const ROWS = [...MEMORY, ...DEVICE_OBJECTS, ...REFERENCES, ...DEVICE_REFERENCES];

const takers = new Map<string, Taker>();
const givers = new Map<string, { index: number; families: Set<string>; wrong: Set<string> }>();
const eaters = new Map<string, { readonly index: number; readonly family: string }>();

for (const row of ROWS) read(row);

function read({ takes, gives, wrong, ...family }: FamilyRow): void {
  for (const word of takes.split(' ')) {
    const [, name = '', form, index, fails] = /^(\w+)(?::(out|arg|eats|fail)(\d))?(!?)$/.exec(word) ?? [];
    const at = Number(index ?? 0);
    if (form === 'eats') eaters.set(name, { index: at, family: family.id });
    const kind = form === 'out' ? 'out' : form === 'arg' || form === 'fail' ? 'argument' : 'returns';
    const left = form === 'fail' ? { failing: true } : {};
    takers.set(name, { name, family, form: kind, index: at, zeroFails: fails === '!', ...left });
  }
  for (const word of gives.split(' ')) giver(word).families.add(family.id);
  for (const word of wrong?.split(' ') ?? []) giver(word).wrong.add(family.id);
}

function giver(word: string): { index: number; families: Set<string>; wrong: Set<string> } {
  const [name = '', index] = word.split(':');
  let known = givers.get(name);
  if (!known) {
    known = { index: Number(index ?? 0), families: new Set(), wrong: new Set() };
    givers.set(name, known);
  }
  return known;
}

const families = new Map<string, ResourceFamily>();
for (const { takes: _takes, gives: _gives, wrong: _wrong, ...family } of [
  ...MEMORY,
  ...REFERENCES,
  ...DEVICE_REFERENCES,
])
  families.set(family.id, family);
export const familyOf = (id: string): ResourceFamily | undefined => families.get(id);

export const takerOf = (name: string): Taker | undefined => takers.get(name);
export const giverOf = (name: string): Giver | undefined => givers.get(name);
export const eaterOf = (name: string): { readonly index: number; readonly family: string } | undefined =>
  eaters.get(name);
/** Every function that takes back what is of a family. */
export function giversOf(family: string): readonly string[] {
  let known = byFamily.get(family);
  if (!known) {
    known = [...givers].filter(([, { families: of }]) => of.has(family)).map(([name]) => name);
    byFamily.set(family, known);
  }
  return known;
}

const byFamily = new Map<string, readonly string[]>();
export const isTaker = (name: string): boolean => takers.has(name);
