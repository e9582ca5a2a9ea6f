import type { Problem } from '../../base/errors.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { Layouts } from '../layouts/layouts.ts';
import type { AddressSpace, LinearMap } from '../memory/address-space.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';

/** One kernel, opened: its memory, symbols and types. What every walker takes. */
export interface Kernel {
  /** The dump, as the user named it; for evidence and problems. */
  readonly file: string;
  readonly machine: 'x86-64' | 'aarch64';
  readonly release: string;
  readonly info: VmcoreInfo;
  readonly memory: AddressSpace;
  /** Where all of RAM is mapped as one. */
  readonly directMap?: LinearMap;
  readonly symbols: SymbolTable;
  readonly layouts: Layouts;
  readonly problems: readonly Problem[];
}

/** What a walk over kernel memory found, and what was wrong with it: `in the list of modules: … is not mapped`. */
export interface Walked<T> {
  readonly value: T;
  readonly problems: readonly string[];
}
