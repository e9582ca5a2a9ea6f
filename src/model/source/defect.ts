import type { ResourceFamily } from './resource.ts';

/** What reading a unit of C has shown. Rules judge it; each carries the way that leads there. */

/** One step of a path through the source. */
export interface SourceStep {
  readonly file: string;
  readonly line: number;
  /** What happens there, in words. */
  readonly what: string;
  /** The line as it stands in the file, without its indentation. */
  readonly code: string;
}

/** What every defect has. */
export interface Defect {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly steps: readonly SourceStep[];
  /** The reason of a `kleak-ignore:` comment beside it. */
  readonly ignored?: string;
  /** A part of the function could not be parsed. */
  readonly torn?: true;
}

/** An open function and the release function of the same table, which does not undo it. */
export interface OpenReleaseDefect extends Defect {
  readonly kind: 'open-release';
  /** `proc_ops`, `file_operations`. */
  readonly table: string;
  readonly tableName: string;
  readonly open: string;
  /** What it calls: `single_open`. */
  readonly opens: string;
  /** Undefined where the table has none. */
  readonly release: string | undefined;
  /** What the release function should have been, or called. */
  readonly wanted: string;
  /** The function that shows the content, where open names it. */
  readonly show?: string;
}

/** Something was taken and is lost on a path. */
export interface LostDefect extends Defect {
  readonly kind: 'lost';
  readonly family: ResourceFamily;
  /** The function that handed it out, and the one of the unit that was called, where that is another. */
  readonly taker: string;
  /** `setup`: only the name of a counterpart tells. */
  readonly form: 'returns' | 'out' | 'argument' | 'member' | 'setup';
  /** A function of the unit stands between. */
  readonly wrapped: boolean;
  /** No table knows the function; this one gives back what it returned. */
  readonly inferred: boolean;
  /** Who held it: `buf`, `priv->ring`. */
  readonly holder: string;
  readonly how: 'exit' | 'overwritten' | 'container-freed' | 'unused';
  readonly exit: 'error' | 'null' | 'zero' | 'positive' | 'other' | 'void';
  /** Where another path gives it back. */
  readonly released?: { readonly line: number; readonly by: string };
  /** What had to be assumed; each makes it less sure. */
  readonly assumed: {
    /** Functions that may have taken it over and, as other paths show, did not. */
    readonly calls: number;
    /** Places where it was stored, though this function frees it on other paths. */
    readonly stores: number;
    /** Calls that failed and were taken to have left it alone. */
    readonly failures: number;
    /** Unknown functions that were taken to borrow it. */
    readonly lent: number;
    /** It hangs on an object that is only freed when this function succeeds: probe and init functions. */
    readonly role: boolean;
  };
  /** The macro of the loop that holds it. */
  readonly loop?: string;
  /** The pointer came in as an argument. */
  readonly ofParameter: boolean;
  /** On another path it is stored, returned or handed over. */
  readonly keptElsewhere: boolean;
}

/** Something was given back to the wrong function. */
export interface WrongFreeDefect extends Defect {
  readonly kind: 'wrong-free';
  readonly family: ResourceFamily;
  readonly taker: string;
  readonly holder: string;
  readonly by: string;
}

/** `p = krealloc(p, …)`. */
export interface SelfReallocDefect extends Defect {
  readonly kind: 'self-realloc';
  readonly holder: string;
  readonly by: string;
}

/** A put through the fields of a file that was closed before. */
export interface PutAfterCloseDefect extends Defect {
  readonly kind: 'put-after-close';
  /** `path_put(&file->f_path)`. */
  readonly put: string;
  /** `filp_close(file)`. */
  readonly close: string;
  /** It was closed by a function that was given a descriptor, not the file. */
  readonly byDescriptor: boolean;
}

/** Something is stored in a member or a global variable, and nothing in the unit ever frees what is there. */
export interface NeverFreedDefect extends Defect {
  readonly kind: 'never-freed';
  readonly family: ResourceFamily;
  readonly taker: string;
  readonly holder: string;
  /** A member or variable with this name. */
  readonly member: string;
  /** `calls`: each call of the function takes another one; `unload`: once, and lost when the module goes. */
  readonly when: 'calls' | 'unload';
}

/** A network buffer that a transmit function neither sends, nor frees, nor refuses. */
export interface DroppedBufferDefect extends Defect {
  readonly kind: 'dropped-buffer';
  readonly role: 'transmit' | 'receive';
  readonly buffer: string;
  /** Only its other paths tell that the function owns the buffer. */
  readonly inferred?: true;
}

/** What one function of a pair leaves in a member, and the function that undoes it does not free. */
export interface ForgottenDefect extends Defect {
  readonly kind: 'forgotten';
  readonly family: ResourceFamily;
  readonly taker: string;
  readonly holder: string;
  readonly member: string;
  readonly undoer: string;
  readonly undoerLine: number;
  /** The function that frees it on an error path. */
  readonly freedBy?: string;
}

/** A timer, work or interrupt that is started and that nothing in the unit stops. */
export interface LeftArmedDefect extends Defect {
  readonly kind: 'left-armed';
  readonly what: 'timer' | 'delayed work' | 'interrupt' | 'high-resolution timer' | 'tasklet';
  readonly member: string;
  readonly started: string;
}

export type SourceDefect =
  | OpenReleaseDefect
  | LostDefect
  | WrongFreeDefect
  | SelfReallocDefect
  | PutAfterCloseDefect
  | NeverFreedDefect
  | ForgottenDefect
  | DroppedBufferDefect
  | LeftArmedDefect;
