import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FormatError } from '../../base/errors.ts';
import { InputError } from '../input-error.ts';
import { GIVE_A_VMCORE, statInput, unreadable, type DumpFile } from './dump-file.ts';
import { isPart, type KdumpFile } from './split-parts.ts';

/** Files of a folder that are looked at. */
const MOST_BESIDE = 1000;
/** Dumps that a message names. */
const MOST_NAMED = 5;

export type Candidate = DumpFile | KdumpFile;
export type Candidates = readonly [Candidate, ...Candidate[]];
/** Throws InputError or FormatError. */
type Open = (path: string) => Candidate;

/** The files of one dump, from what the user named; others that were opened to look at them are closed again. */
export function chooseFiles(paths: readonly string[], open: Open): Candidates {
  const [path, ...more] = paths;
  if (path === undefined) throw new InputError('dump', 'none is named', GIVE_A_VMCORE);
  if (statInput(path).isDirectory()) return ofFolder(path, open);
  const first = open(path);
  const others = more.map(open);
  const stranger = others.find((other) => !isPart(first) || !isPart(other) || other.key !== first.key);
  if (stranger)
    throw new InputError(
      stranger.name,
      `is not a part of the dump that ${first.name} is of`,
      'give one dump at a time',
    );
  if (!isPart(first) || others.length > 0) return [first, ...others];
  const beside = filesOf(dirname(path)).filter((other) => basename(other) !== basename(path));
  const parts = beside.flatMap((other) => look(other, open).dumps);
  for (const part of parts) if (!isPart(part) || part.key !== first.key) part.file.close();
  return [first, ...parts.filter((part) => isPart(part) && part.key === first.key)];
}

function ofFolder(folder: string, open: Open): Candidates {
  const looked = filesOf(folder).map((path) => look(path, open));
  const groups = Map.groupBy(
    looked.flatMap(({ dumps }) => dumps),
    (file) => (isPart(file) ? file.key : file.path),
  );
  const dumps = [...groups.values()].flatMap(([first, ...more]): Candidates[] => (first ? [[first, ...more]] : []));
  const [only, another] = dumps;
  // The name that kdump gives a dump that is whole.
  const chosen = another ? dumps.find((files) => files.some(({ path }) => basename(path) === 'vmcore')) : only;
  if (chosen === undefined) throw only ? severalDumps(folder, dumps) : noDump(folder, looked);
  for (const files of dumps) if (files !== chosen) for (const { file } of files) file.close();
  return chosen;
}

function severalDumps(folder: string, dumps: readonly Candidates[]): InputError {
  const names = dumps.slice(0, MOST_NAMED).map(([{ path }]) => basename(path));
  const more = dumps.length > MOST_NAMED ? ', …' : '';
  return new InputError(folder, `holds ${dumps.length} dumps (${names.join(', ')}${more})`, 'name one of them');
}

/** Why the file that looks like one by its name is none, where there is such a file. */
function noDump(folder: string, looked: readonly Look[]): Error {
  const named = looked.find(({ path, refusal }) => refusal && /core|dump/i.test(basename(path)));
  return named?.refusal ?? new InputError(folder, 'holds no crash dump', GIVE_A_VMCORE);
}

interface Look {
  readonly path: string;
  readonly dumps: readonly Candidate[];
  readonly refusal?: Error;
}

function look(path: string, open: Open): Look {
  try {
    return { path, dumps: [open(path)] };
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof FormatError) return { path, dumps: [], refusal: cause };
    throw cause;
  }
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => join(folder, name))
      .toSorted()
      .slice(0, MOST_BESIDE);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}
