import { dirname } from 'node:path';
import type { SourceEntry } from '../../sources/c/source-tree.ts';

/** Bytes of a unit: a driver with its folders lies below it, and memory stays bounded on a whole kernel. */
const LARGEST = 6 * 2 ** 20;

/**
 * Files that are read together. Folders are taken whole with all below them while they are small enough, else each folder
 * below is planned for itself. The plan depends on the tree alone, not on how many threads there are.
 */
export function planUnits(entries: readonly SourceEntry[]): readonly (readonly SourceEntry[])[] {
  const root: Folder = { own: [], below: new Map(), bytes: 0 };
  for (const entry of entries) place(root, entry);
  const units: SourceEntry[][] = [];
  split(root, units);
  return units;
}

interface Folder {
  readonly own: SourceEntry[];
  readonly below: Map<string, Folder>;
  bytes: number;
}

function place(root: Folder, entry: SourceEntry): void {
  let folder = root;
  folder.bytes += entry.bytes;
  for (const name of dirname(entry.path).split('/')) {
    let next = folder.below.get(name);
    if (!next) {
      next = { own: [], below: new Map(), bytes: 0 };
      folder.below.set(name, next);
    }
    next.bytes += entry.bytes;
    folder = next;
  }
  folder.own.push(entry);
}

function split(folder: Folder, units: SourceEntry[][]): void {
  if (folder.bytes <= LARGEST) {
    const all = everything(folder);
    if (all.length > 0) units.push(all);
    return;
  }
  let unit: SourceEntry[] = [];
  let bytes = 0;
  for (const entry of folder.own) {
    if (unit.length > 0 && bytes + entry.bytes > LARGEST) {
      units.push(unit);
      [unit, bytes] = [[], 0];
    }
    unit.push(entry);
    bytes += entry.bytes;
  }
  if (unit.length > 0) units.push(unit);
  for (const below of folder.below.values()) split(below, units);
}

const everything = ({ own, below }: Folder): SourceEntry[] => [...own, ...[...below.values()].flatMap(everything)];
