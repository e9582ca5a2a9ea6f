import type { DumpKind } from './content-kind.ts';
import type { Limits } from './limits.ts';
import type { DumpRoom } from './vmcore/dump-room.ts';

/** One file of an input, read once, in order: its text must be read before the next file is asked for. */
export interface SourceFile {
  /** The argument it came from, as the user wrote it. */
  readonly input: string;
  /** Path inside the input, '/'-separated, without `..`; '' where the input is one file. */
  readonly path: string;
  /** What a reader calls it: the input joined with the path. */
  readonly name: string;
  /** Milliseconds since 1970, where known. */
  readonly modified?: number;
  /** The content, decompressed. Damage ends it early and is told as `Unread`; it does not throw. */
  text(): AsyncIterable<Uint8Array>;
}

/** A crash dump that was found where text was looked for. */
export interface FoundDump {
  readonly kind: DumpKind;
  readonly input: string;
  readonly name: string;
  /** Where it can be opened for random access; absent where it is packed and was not unpacked. */
  readonly file?: string;
}

/** Something that was there and was not read, or not to its end. */
export interface Unread {
  readonly what: string;
  readonly why: string;
  readonly dump?: FoundDump;
}

/** How far the reading of one input is. */
export interface Progress {
  readonly input: string;
  /** The file being read. */
  readonly name: string;
  readonly files: number;
  /** Bytes taken from the input, and how many it has where that is known: compressed ones where it is compressed. */
  readonly bytes: number;
  readonly totalBytes?: number;
  /** Binary files passed over. */
  readonly passedOver: number;
  /** True in the last one. */
  readonly done: boolean;
}

export interface OpenOptions {
  readonly limits?: Partial<Limits>;
  /** Called at most ten times a second, and once at the end. */
  readonly progress?: (progress: Progress) => void;
  /** Where dumps that are packed are unpacked to; where there is none they are told as unread. */
  readonly unpack?: DumpRoom;
  /** Aborting makes the iteration throw the signal's reason. */
  readonly signal?: AbortSignal;
}
