import type { Provenance } from '../../base/provenance.ts';

/**
 * Addresses of the kernel's own symbol tables. VMCOREINFO has them since 6.0 (5fd8fea935a10, f09bddbd86619). A kernel has
 * either `addresses`, or `offsets` with `relativeBase`, or (7.0) `offsets` alone.
 */
export interface KallsymsPlaces {
  readonly names: bigint;
  readonly numSyms: bigint;
  readonly tokenTable: bigint;
  readonly tokenIndex: bigint;
  readonly addresses?: bigint;
  readonly offsets?: bigint;
  readonly relativeBase?: bigint;
}

/** The places that `symbol` knows by the kernel's names, such as those of VMCOREINFO; undefined where a needed one lacks. */
export function placesOfKallsyms(symbol: (name: string) => bigint | undefined): KallsymsPlaces | undefined {
  const names = symbol('kallsyms_names');
  const numSyms = symbol('kallsyms_num_syms');
  const tokenTable = symbol('kallsyms_token_table');
  const tokenIndex = symbol('kallsyms_token_index');
  if (names === undefined || numSyms === undefined || tokenTable === undefined || tokenIndex === undefined) {
    return undefined;
  }
  const addresses = symbol('kallsyms_addresses');
  const offsets = symbol('kallsyms_offsets');
  const relativeBase = symbol('kallsyms_relative_base');
  if (addresses === undefined && offsets === undefined) return undefined;
  return {
    names,
    numSyms,
    tokenTable,
    tokenIndex,
    ...(addresses === undefined ? {} : { addresses }),
    ...(offsets === undefined ? {} : { offsets }),
    ...(relativeBase === undefined ? {} : { relativeBase }),
  };
}

/** A place in one of the tables, for messages. */
export const inTable = (name: string, length = 0): Provenance => ({ kind: 'bytes', file: name, offset: 0, length });
