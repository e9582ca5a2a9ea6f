import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { FormatError } from '../../base/errors.ts';
import { contentKind, HEAD_BYTES } from '../../sources/content-kind.ts';
import { InputError } from '../../sources/input-error.ts';
import { openInput } from '../../sources/open.ts';
import type { FoundDump, Progress } from '../../sources/source-file.ts';
import { DumpRoom } from '../../sources/vmcore/dump-room.ts';
import { openDump } from '../../sources/vmcore/open-dump.ts';
import type { DumpAt } from '../collect.ts';

export { DumpRoom } from '../../sources/vmcore/dump-room.ts';

/** A dump that can be opened, and what people call its files. */
export interface OpenableDump {
  readonly file: string;
  readonly nameOf: (path: string) => string;
  /** Removes what was unpacked of it. */
  close(): void;
}

export interface UnpackOptions {
  /** Folder to unpack into, which is made for it and removed with it. */
  readonly folder: string;
  readonly bytes?: number;
  readonly progress?: (progress: Progress) => void;
}

const MOST_NAMED = 5;
const asItIs = (path: string): string => path;

/**
 * A dump as `kleak core` is given it: its file or folder as they are; one that is compressed, or in an archive, unpacked first.
 * `ARCHIVE/crash/vmcore` names one of several. Throws InputError where there is none.
 */
export async function unpackDump(
  path: string,
  { folder, bytes = Infinity, progress }: UnpackOptions,
): Promise<OpenableDump> {
  const archive = archiveOf(path);
  if (archive === undefined) return { file: path, nameOf: asItIs, close: () => undefined };
  const room = new DumpRoom({
    folder,
    bytes,
    ...(archive === path ? {} : { wants: (name: string) => name === path }),
  });
  try {
    return { file: await chosenOf(archive, path, room, progress), nameOf: room.nameOf, close: () => room.close() };
  } catch (cause) {
    room.close();
    throw cause;
  }
}

async function chosenOf(
  archive: string,
  path: string,
  room: DumpRoom,
  progress: UnpackOptions['progress'],
): Promise<string> {
  const dumps: DumpAt[] = [];
  let refusal: string | undefined;
  const unread = ({ why, dump }: { readonly why: string; readonly dump?: FoundDump }): void => {
    if (dump?.file !== undefined) dumps.push({ file: dump.file, name: dump.name });
    else if (dump === undefined || archive === path || dump.name === path) refusal ??= why;
  };
  // Other files are passed over unread.
  for await (const _ of openInput(archive, { unpack: room, ...(progress && { progress }) }, unread));
  if (dumps.length === 0)
    throw new InputError(path, refusal ?? 'holds no crash dump', 'give a vmcore, or an archive that holds one');
  const chosen =
    onlyOf(dumps.filter(({ name }) => name === path)) ?? onlyOf(dumps) ?? onlyOf(dumps.filter(isNamedVmcore));
  if (chosen) return chosen.file;
  const [first] = dumps;
  if (first && areParts(dumps)) return first.file;
  const names = dumps.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = dumps.length > MOST_NAMED ? ', …' : '';
  throw new InputError(path, `holds ${dumps.length} dumps (${names.join(', ')}${more})`, 'name one of them');
}

const onlyOf = (dumps: readonly DumpAt[]): DumpAt | undefined => (dumps.length === 1 ? dumps[0] : undefined);

/** The name that kdump gives a dump that is whole. */
const isNamedVmcore = ({ name }: DumpAt): boolean => basename(name) === 'vmcore';

/** Whether they are the files of one split dump, which is opened by any of them. */
function areParts(dumps: readonly DumpAt[]): boolean {
  try {
    const dump = openDump(dumps.map(({ file }) => file));
    dump.close();
    return true;
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof FormatError) return false;
    throw cause;
  }
}

/** The archive, or compressed file, that a path names or leads into; undefined where it leads to what can be opened as it is. */
function archiveOf(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    const stats = statSync(at, { throwIfNoEntry: false });
    if (stats?.isFile() === true) return at === path && !isPacked(at) ? undefined : at;
    if (stats !== undefined || at === dirname(at)) return undefined;
  }
}

const PACKED: ReadonlySet<string> = new Set(['gzip', 'xz', 'zstd', 'tar']);

/** What cannot be read is left to what opens dumps, which says why. */
function isPacked(file: string): boolean {
  try {
    const fd = openSync(file, 'r');
    try {
      const head = new Uint8Array(HEAD_BYTES);
      return PACKED.has(contentKind(head.subarray(0, readSync(fd, head))).kind);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
