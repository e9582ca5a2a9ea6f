import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from './parse-document.ts';

/** What generate.py planted by one module. */
export interface Leak {
  readonly kind: string;
  readonly module: string;
  readonly planted: number;
  /** Symbols of the module: an array of inverted addresses with a tag in the top byte, and how many there are. */
  readonly ledger: string;
  readonly noted: string;
  /** What a right answer may name: functions, tables, variables. */
  readonly functions: readonly string[];
  readonly type?: string;
  readonly struct?: string | null;
  readonly structSize?: number | null;
  readonly layer?: string;
  /** Where what is listed hangs: a variable of the module. */
  readonly head?: string | null;
  readonly listed?: boolean;
  /** Of references: what they are to, and whether that then is on no list. */
  readonly thing?: string;
  readonly lost?: boolean;
}

/** What a right answer to `kleak diagnose DUMP` says first; nothing where nothing leaks. */
export interface Expected {
  readonly layers: readonly string[];
  /** Empty where the truth is taken from what was planted, by the dump. */
  readonly caches: readonly string[];
  /** Types, functions, modules: one of them has to be named. Empty where nothing in memory names any. */
  readonly names: readonly string[];
}

/** A dump with its truth. */
export interface Guest {
  readonly name: string;
  readonly kind: string;
  readonly from: 'corpus' | 'generated';
  readonly dump: string;
  /** Folders of /proc files taken before the dump, oldest first. */
  readonly series: readonly string[];
  readonly leaks: readonly Leak[];
  readonly healthy: boolean;
  readonly expected?: Expected;
  readonly container: string;
}

interface TruthFile {
  readonly kind: string;
  readonly container: string;
  readonly healthy: boolean;
  readonly leaks: readonly Leak[];
}

/** Guests of generate.py below a folder, those of a seed together. */
export function generatedGuests(folder: string): readonly Guest[] {
  if (!existsSync(folder)) return [];
  const guests = readdirSync(folder).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return guests.flatMap((name): readonly Guest[] => {
    const at = join(folder, name);
    const dump = readdirSync(at).find((file) => file.startsWith('vmcore.'));
    if (dump === undefined || !existsSync(join(at, 'truth.json'))) return [];
    const truth = parseDocument<TruthFile>(readFileSync(join(at, 'truth.json'), 'utf8'), 'leaks');
    const [leak] = truth.leaks;
    return [
      {
        name,
        kind: truth.kind,
        from: 'generated',
        dump: join(at, dump),
        series: ['start', 'end'].map((moment) => join(at, moment)),
        leaks: truth.leaks,
        healthy: truth.healthy,
        container: truth.container,
        ...(leak && truth.leaks.length === 1 ? { expected: expectedOf(leak) } : {}),
      },
    ];
  });
}

/** What a reference that is not given back keeps, by kind; of a socket several structs begin at the same address. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  tty: ['tty_struct'],
  task: ['task_struct'],
  heldtask: ['task_struct'],
  file: ['file'],
  sock: ['sock', 'udp_sock', 'unix_sock'],
};
/** kmalloc() of more than a slab holds is counted as slab and lies in pages that nothing tells from a driver's. */
const LARGE_KMALLOC = ['slab-unreclaimable', 'page-allocator'];

function expectedOf({ layer, functions, type, struct, module, kind, thing }: Leak): Expected {
  const isReference = thing !== undefined;
  const types = type === undefined ? (KEPT[kind] ?? (isReference ? ['dentry'] : [])) : [type];
  const named = [...functions, ...types];
  const layers = ['slab-unreclaimable', ...(isReference ? ['slab-reclaimable'] : [])];
  return {
    layers: layer === undefined ? layers : layer === 'slab-unreclaimable' ? LARGE_KMALLOC : [layer],
    caches: [],
    names: named.length === 0 ? [] : [...named, module, ...(typeof struct === 'string' ? [struct] : [])],
  };
}

interface CorpusTruth {
  readonly expect: {
    readonly verdict: readonly string[];
    readonly layer: readonly string[];
    readonly type?: string;
    readonly cache?: string;
    readonly module?: string;
    readonly function?: string;
    readonly directory?: string;
  };
}

/** Dumps of the corpus: `dumps` as unpack.sh laid them out, `corpus` with their truth. */
export function corpusGuests(corpus: string, dumps: string): readonly Guest[] {
  if (!existsSync(corpus) || !existsSync(dumps)) return [];
  return readdirSync(dumps)
    .toSorted()
    .flatMap((name): readonly Guest[] => {
      const truth = join(corpus, name, 'truth.json');
      const dump = readdirSync(join(dumps, name)).find((file) => file.startsWith('vmcore'));
      if (!existsSync(truth) || dump === undefined) return [];
      const { expect } = parseDocument<CorpusTruth>(readFileSync(truth, 'utf8'), 'expect');
      const healthy = expect.verdict.includes('not-a-leak');
      const types = expect.type?.split(' / ') ?? [];
      return [
        {
          name,
          kind: name.replace(/^[^-]*-/, ''),
          from: 'corpus',
          dump: join(dumps, name, dump),
          series: ['start', 'mid', 'end'].map((moment) => join(corpus, name, moment)).filter((at) => existsSync(at)),
          leaks: [],
          healthy,
          container: 'unpack.sh',
          expected: {
            layers: expect.layer,
            caches: expect.cache === undefined ? types : [expect.cache],
            names: [expect.function, expect.module, expect.directory, ...types].filter((text) => text !== undefined),
          },
        },
      ];
    });
}
