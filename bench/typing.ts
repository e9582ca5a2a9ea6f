/**
 * How often kleak is right about types: `node bench/typing.ts DUMP[=VMLINUX] …` prints a table. Two questions whose answer is
 * known: what the objects of caches are that serve one struct alone, told by their content without a look at the cache's
 * name; and, where a vmlinux with DWARF is given, which structs the tables of functions in the image are.
 */
import { groupObjects } from '../src/analysis/clustering/group-objects.ts';
import { UnreachableNodes } from '../src/analysis/clustering/unreachable.ts';
import { WordCodes } from '../src/analysis/clustering/word-codes.ts';
import { inferType } from '../src/analysis/typing/infer-type.ts';
import type { SizeRange } from '../src/analysis/typing/type-catalog.ts';
import { TypeWorld } from '../src/analysis/typing/type-world.ts';
import { groupFacts } from '../src/analysis/typing/word-facts.ts';
import type { TypeGraph } from '../src/base/type-graph.ts';
import { nodeOf, strip } from '../src/model/layouts/type-ref.ts';
import { withModuleTypes } from '../src/pipeline/core/module-layouts.ts';
import { CoreSession } from '../src/pipeline/core/session.ts';
import { dwarfOf } from './dwarf-of.ts';

/** Answers by how they compare with the truth. */
export interface TypingScore {
  /** One struct was named: it is that, it is another. */
  readonly right: number;
  readonly wrong: number;
  /** Several were named: it is one of them, it is none of them. */
  readonly among: number;
  readonly amongOthers: number;
  readonly unknown: number;
}

export interface TypingResult {
  /** Groups of at least ten objects with the same content, in caches of one struct. */
  readonly groups: TypingScore;
  /** The same, each group counted with its objects. */
  readonly objects: TypingScore;
  /** The groups again, as if kmalloc had served them: of their size only the bucket is known. */
  readonly asKmalloc: TypingScore;
  /** Variables that are a struct, or an array of one, and that have a symbol of their own. */
  readonly tables?: TypingScore;
  readonly milliseconds: number;
}

type Tally = { -readonly [K in keyof TypingScore]: number };

const tally = (): Tally => ({ right: 0, wrong: 0, among: 0, amongOthers: 0, unknown: 0 });
const FEWEST = 10;
const SAMPLES = 24;

export function measureTyping(dump: string, vmlinux?: string): TypingResult {
  // Where the dump has no types of its own, they are taken from there too.
  const session = CoreSession.open(dump, vmlinux === undefined ? {} : { symbols: [vmlinux] });
  try {
    const kernel = withModuleTypes(session.kernel);
    const { heap, reachability } = session;
    const codes = new WordCodes(kernel, reachability.space, heap.caches);
    const start = performance.now();
    const world = new TypeWorld(kernel, heap, codes, (cache) => session.aliasesOf(cache));
    const [groups, objects, asKmalloc] = [tally(), tally(), tally()];
    const reader = { memory: kernel.memory, space: reachability.space, codes };
    const truth = cachesOfOneStruct(world);
    const nothing = new UnreachableNodes(0, () => false);
    const found = groupObjects({ ...reader, lost: nothing }, new Map([...truth.keys()].map((c) => [c, 'all'])));
    for (const group of found.groups) {
      if (group.objects < FEWEST || group.isUnread) continue;
      const { words } = groupFacts(reader, group.reached.slice(0, SAMPLES), reader.space.strides[group.cache] ?? 0);
      const { range } = world.cache(group.cache);
      const answer = (sizes: SizeRange): keyof TypingScore => {
        const { candidates } = inferType(world, { named: [], isAll: false, range: sizes }, words);
        const names = candidates.map(({ type }) => type.name);
        return verdictOn(names, truth.get(group.cache) ?? '');
      };
      const verdict = answer(range);
      asKmalloc[answer(bucketOf(range[1]))]++;
      groups[verdict]++;
      objects[verdict] += group.objects;
    }
    const milliseconds = performance.now() - start;
    const tables = vmlinux === undefined ? undefined : scoreTables(session, world, dwarfOf(vmlinux));
    return { groups, objects, asKmalloc, milliseconds, ...(tables ? { tables } : {}) };
  } finally {
    session.close();
  }
}

const BUCKETS = [0, 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];

function bucketOf(size: number): SizeRange {
  const i = BUCKETS.findIndex((bucket) => bucket >= size);
  return i < 1 ? [8192, size] : [BUCKETS[i - 1] ?? 0, BUCKETS[i] ?? size];
}

function verdictOn(names: readonly string[], truth: string): keyof TypingScore {
  if (names.length === 0) return 'unknown';
  if (names.length === 1) return names[0] === truth ? 'right' : 'wrong';
  return names.includes(truth) ? 'among' : 'amongOthers';
}

/** Caches that no other is merged with, whose name and object size are those of one struct. */
function cachesOfOneStruct(world: TypeWorld): ReadonlyMap<number, string> {
  return new Map(
    world.heap.caches.flatMap(({ objectSize }, number) => {
      const { named, isAll } = world.cache(number);
      const [struct] = named;
      const isOne =
        isAll && struct && named.length === 1 && objectSize - struct.size >= 0 && objectSize - struct.size < 64;
      return isOne ? [[number, struct.name]] : [];
    }),
  );
}

function scoreTables({ kernel }: CoreSession, world: TypeWorld, dwarf: TypeGraph): TypingScore {
  const score = tally();
  const data = [...kernel.symbols.matching(() => true)].filter(
    (s) => s.module === undefined && /^[dDrRbB]$/.test(s.letter),
  );
  const counts = new Map<string, number>();
  for (const { name } of data) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const symbol of data) {
    const id = counts.get(symbol.name) === 1 ? dwarf.find('variable', symbol.name) : undefined;
    const truth = id === undefined ? undefined : structOfVariable(dwarf, id);
    if (truth !== undefined) score[verdictOn(world.tableTypes(symbol), truth)]++;
  }
  return score;
}

function structOfVariable(graph: TypeGraph, id: number): string | undefined {
  const variable = graph.node(id);
  if (variable.kind !== 'variable') return undefined;
  let node = nodeOf(strip({ graph, id: variable.type }));
  if (node.kind === 'array') node = nodeOf(strip({ graph, id: node.of }));
  return node.kind === 'struct' ? node.name : undefined;
}

const share = ({ right, wrong }: TypingScore): string =>
  right + wrong === 0 ? '–' : `${((100 * right) / (right + wrong)).toFixed(2)} %`;

const cells = (score: TypingScore): string =>
  [share(score), score.right, score.wrong, score.among, score.amongOthers, score.unknown].join(' | ');

if (import.meta.main) {
  const rows = process.argv.slice(2).flatMap((argument) => {
    const [dump = '', vmlinux] = argument.split('=');
    process.stderr.write(`${dump} …\n`);
    const { groups, objects, asKmalloc, tables, milliseconds } = measureTyping(dump, vmlinux);
    return [
      `| ${dump} | groups of objects, ${Math.round(milliseconds)} ms | ${cells(groups)} |`,
      `| | objects | ${cells(objects)} |`,
      `| | groups, if kmalloc had served them | ${cells(asKmalloc)} |`,
      ...(tables ? [`| | variables of the image | ${cells(tables)} |`] : []),
    ];
  });
  process.stdout.write(
    `| dump | what | unique answers right | right | wrong | one of several | of several others | unknown |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n${rows.join('\n')}\n`,
  );
}
