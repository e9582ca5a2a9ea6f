import { statSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { isFlattened, unfold } from '../../formats/kdump/flattened.ts';
import { contentKind } from '../content-kind.ts';
import { InputError } from '../input-error.ts';
import { explainSystem } from '../local-file.ts';
import { FileSource } from './file-source.ts';
import { FOREIGN_HEAD_BYTES, foreignDump } from './foreign-dump.ts';

/** A file that holds a dump or a part of one. */
export interface DumpFile {
  readonly path: string;
  /** As people call it; its path, unless it was unpacked. */
  readonly name: string;
  readonly file: FileSource;
  /** What the dump's offsets count in: the file, or what it unfolds to. */
  readonly source: ByteSource;
  readonly kind: 'elf-core' | 'kdump';
  readonly flattened: boolean;
  readonly problems: readonly Problem[];
}

const REMEDIES: Readonly<Record<string, string>> = {
  'no such file or directory': 'check the path',
  'permission denied': 'run as root, or copy it to where you may read it',
  'not permitted': 'a locked-down kernel does not let itself be read; take a dump with kdump',
};
export const GIVE_A_VMCORE = 'give a vmcore, the folder of a split one, or /proc/kcore';

export function unreadable(path: string, cause: unknown): InputError {
  const problem = explainSystem(cause);
  return new InputError(path, problem, REMEDIES[problem] ?? GIVE_A_VMCORE, { cause });
}

/** Throws InputError where there is nothing. */
export function statInput(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Throws InputError, with what the file is instead, or FormatError. */
export function openDumpFile(path: string, name: string = path): DumpFile {
  if (!statInput(path).isFile()) throw new InputError(name, 'is no regular file', GIVE_A_VMCORE);
  const file = openFile(path, name);
  try {
    return { path, ...identify(name, file) };
  } catch (cause) {
    file.close();
    throw cause;
  }
}

function openFile(path: string, name: string): FileSource {
  try {
    return new FileSource(path, name);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function identify(name: string, file: FileSource): Omit<DumpFile, 'path'> {
  const outer = headOf(file);
  const flattened = isFlattened(outer);
  const { source, problems } = flattened ? unfold(file) : { source: file, problems: [] };
  const head = flattened ? headOf(source) : outer;
  const found = contentKind(head);
  if (found.kind === 'dump' && found.dump !== 'flattened')
    return { name, file, source, kind: found.dump === 'elf-core' ? 'elf-core' : 'kdump', flattened, problems };
  throw refuse(name, file, head);
}

function headOf(source: ByteSource): Uint8Array {
  const bytes = new Uint8Array(FOREIGN_HEAD_BYTES);
  return bytes.subarray(0, source.read(0, bytes));
}

function refuse(path: string, file: FileSource, head: Uint8Array): InputError {
  if (file.failure !== undefined) return new InputError(path, `cannot be read: ${file.failure}`, 'copy it again');
  const foreign = foreignDump(head);
  if (foreign) return new InputError(path, `is ${foreign.what}, which is not read`, foreign.remedy);
  if (head.length === 0)
    return new InputError(path, 'holds nothing', 'if kdump is still writing it, wait; else take another dump');
  if (head.every((byte) => byte === 0))
    return new InputError(
      path,
      'begins with zeros: its header was never written',
      'if kdump is still writing it, wait until it is done; else take another dump',
    );
  const kind = contentKind(head).kind;
  const what = kind === 'text' ? 'is a text' : 'is of a kind that is not known: it may be encrypted or damaged';
  return new InputError(path, `${what}, not a crash dump`, GIVE_A_VMCORE);
}

/** Whether a name is one that kdump's scripts give a file while makedumpfile writes it, or when it failed. */
export const namedIncomplete = (path: string): boolean => /incomplete/i.test(basename(path));
