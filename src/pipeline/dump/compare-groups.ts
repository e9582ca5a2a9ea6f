import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { ComparedCache, ComparedGroup } from '../../findings/core/core-comparison.ts';
import type { CoreGroup } from '../../findings/core/core-groups.ts';
import { coreGroups, typingTools } from '../core/groups.ts';
import type { CoreSession } from '../core/session.ts';

/** Caches that are looked into, and objects that one has to have grown by. */
const MOST_CACHES = 4;
const FEWEST = 50;
/** Symbols of a content that stand for it where its type is not known. */
const MOST_SYMBOLS = 3;

/** Of the caches that grew most, objects by content in two dumps: what of it is more. */
export function compareGroups(
  a: CoreSession,
  b: CoreSession,
  caches: readonly ComparedCache[],
): readonly ComparedGroup[] {
  const [before, after] = [typingTools(a), typingTools(b)];
  return caches
    .filter(({ changeObjects }) => changeObjects >= FEWEST)
    .toSorted((x, y) => y.changeBytes - x.changeBytes)
    .slice(0, MOST_CACHES)
    .flatMap(({ name }) => changed(name, counts(a, before, name), counts(b, after, name)))
    .toSorted((x, y) => Math.abs(y.changeBytes) - Math.abs(x.changeBytes));
}

type Counts = ReadonlyMap<string, { readonly objects: number; readonly bytes: number }>;

function changed(cache: string, before: Counts, after: Counts): readonly ComparedGroup[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what): readonly ComparedGroup[] => {
    const [x, y] = [before.get(what), after.get(what)];
    const change = (y?.objects ?? 0) - (x?.objects ?? 0);
    if (Math.abs(change) < FEWEST) return [];
    const changeBytes = (y?.bytes ?? 0) - (x?.bytes ?? 0);
    return [{ cache, what, a: x?.objects ?? 0, b: y?.objects ?? 0, change, changeBytes }];
  });
}

function counts(session: CoreSession, tools: TypingTools, cache: string): Counts {
  const sums = new Map<string, { objects: number; bytes: number }>();
  if (!session.heap.caches.some(({ name }) => name === cache)) return sums;
  for (const group of coreGroups(session, cache, tools).groups) {
    const what = nameOf(group);
    const sum = sums.get(what) ?? { objects: 0, bytes: 0 };
    sum.objects += group.objects;
    sum.bytes += group.bytes;
    sums.set(what, sum);
  }
  return sums;
}

/** What is the same in both dumps: the type, and the names that its words lead to. */
function nameOf({ type, owner, fields }: CoreGroup): string {
  const code = owner?.function ?? owner?.variable;
  const of = owner?.module === undefined ? '' : ` [${owner.module}]`;
  if (type !== undefined) return code === undefined ? type : `${type}, ${code}${of}`;
  if (code !== undefined) return `objects with ${code}${of}`;
  const symbols = fields.flatMap(({ symbol }) => symbol?.replace(/\+0x[0-9a-f]+/, '') ?? []);
  return symbols.length === 0
    ? 'objects that name nothing'
    : `objects with ${[...new Set(symbols)].slice(0, MOST_SYMBOLS).join(', ')}`;
}
