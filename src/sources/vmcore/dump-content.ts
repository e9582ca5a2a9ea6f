import type { Dump } from './dump.ts';

/** What a container holds, without the files that it is made of. */
export interface DumpContent extends Omit<Dump, 'files' | 'names' | 'close'> {
  /** Whether a file ends before what its headers promise. */
  readonly endsEarly: boolean;
}
