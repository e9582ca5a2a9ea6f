import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity } from '../../base/units.ts';
import type { AllocationGroup } from './allocation-report.ts';
import { parseFrame, type Frame } from './frame.ts';

/** One entry of a report, its stack still as printed. */
export interface StackEntry {
  /** Lines of the stack, innermost first, as printed; none where the detector recorded none. */
  readonly lines: readonly string[];
  /** What sets entries apart beside the stack: order, area. */
  readonly apart?: string;
  readonly count: number;
  /** All `count` together; NaN where it is not known. */
  readonly bytes: number;
  readonly objectSize?: number;
  readonly process?: string;
  readonly sample?: string;
  readonly at: Provenance;
  /** What only the first entry of a group is asked for. */
  readonly first?: () => Pick<AllocationGroup, 'area' | 'cache' | 'content' | 'movable' | 'inexact'>;
}

interface Draft {
  readonly stack: readonly [Frame, ...Frame[]];
  readonly rest: Pick<AllocationGroup, 'area' | 'cache' | 'content' | 'movable' | 'inexact'>;
  readonly at: Provenance;
  readonly processes: Map<string, number>;
  readonly samples: string[];
  count: number;
  bytes: number;
  objectSize: number | undefined;
}

/** A group keeps this many samples and names of processes. */
const KEPT = 8;
/** Names of processes counted per group: a hostile report may invent one per entry. */
const COUNTED = 256;
/** Stands for the stack of an entry that has none. */
const NO_STACK: readonly [Frame] = [{ symbol: '' }];

/** Folds entries with the same stack as they are read, so that a report's memory is that of its different stacks. */
export class StackFold {
  readonly #drafts = new Map<string, Draft>();
  #entries = 0;

  get entries(): number {
    return this.#entries;
  }

  add(entry: StackEntry): void {
    this.#entries += entry.count;
    const key = keyOf(entry);
    const draft = this.#drafts.get(key);
    if (draft) join(draft, entry);
    else this.#drafts.set(key, begin(entry));
  }

  /**
   * Adds a report's last entry. Where its stack is but the beginning of another one's, the report was most likely cut
   * there (true), and it is counted with that one if there is no second.
   */
  addLast(entry: StackEntry): boolean {
    const key = keyOf(entry);
    const known = entry.lines.length === 0 || this.#drafts.has(key);
    const longer = known ? [] : [...this.#drafts].filter(([other]) => other.startsWith(key));
    const [only] = longer;
    if (only && longer.length === 1) {
      this.#entries += entry.count;
      join(only[1], entry);
    } else this.add(entry);
    return longer.length > 0;
  }

  /** Largest first. */
  groups(): readonly AllocationGroup[] {
    return [...this.#drafts.values()]
      .map(finish)
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count);
  }
}

/** Addresses before a symbol are left out: they are hashed anew at every boot, and hidden on some hosts. */
function keyOf({ lines, apart = '' }: StackEntry): string {
  let key = apart;
  for (const line of lines) {
    const end = line.startsWith('[') ? line.indexOf(']') : -1;
    key += `\n${end < 0 ? line : line.slice(end + 1).trimStart()}`;
  }
  return key;
}

function begin(entry: StackEntry): Draft {
  const [head, ...tail] = entry.lines.flatMap((line) => parseFrame(own(line)) ?? []);
  const draft: Draft = {
    stack: head ? [head, ...tail] : NO_STACK,
    rest: entry.first?.() ?? {},
    at: entry.at,
    processes: new Map(),
    samples: [],
    count: 0,
    bytes: 0,
    objectSize: entry.objectSize,
  };
  join(draft, entry);
  return draft;
}

function join(draft: Draft, entry: StackEntry): void {
  draft.count += entry.count;
  draft.bytes += entry.bytes;
  if (draft.objectSize !== entry.objectSize) draft.objectSize = undefined;
  if (entry.sample !== undefined && draft.samples.length < KEPT) draft.samples.push(own(entry.sample));
  const name = entry.process;
  if (name === undefined) return;
  const before = draft.processes.get(name);
  if (before !== undefined || draft.processes.size < COUNTED)
    draft.processes.set(own(name), (before ?? 0) + entry.count);
}

function finish(draft: Draft): AllocationGroup {
  const processes = [...draft.processes].toSorted(([, a], [, b]) => b - a).slice(0, KEPT);
  return {
    stack: draft.stack,
    count: draft.count,
    ...(isQuantity(draft.bytes) ? { bytes: bytes(draft.bytes) } : {}),
    ...(draft.objectSize !== undefined && isQuantity(draft.objectSize) ? { objectSize: bytes(draft.objectSize) } : {}),
    ...draft.rest,
    processes: processes.map(([name]) => name),
    samples: draft.samples,
    at: draft.at,
  };
}

/** A copy of its own: a part of a string keeps the whole of it in memory, and a report may have 100 MB. */
export const own = (text: string): string => ` ${text}`.slice(1);
