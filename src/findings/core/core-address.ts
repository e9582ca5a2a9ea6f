import type { ObjectState } from './core-slabs.ts';

/** `kleak core whatis --json`: what lies at an address. Addresses are 16 hex digits, sizes bytes. */
export interface CoreWhatis {
  readonly address: string;
  /** Absent where nothing is mapped there. */
  readonly physical?: string;
  readonly symbol?: string;
  readonly slab?: {
    readonly cache: string;
    readonly aliases: readonly string[];
    /** Where the object begins; absent between objects. */
    readonly object?: string;
    readonly offset?: number;
    readonly objectSize: number;
    readonly state?: ObjectState;
    readonly slab: string;
  };
  readonly page?: {
    readonly frame: number;
    /** Of its struct page. */
    readonly struct?: string;
    /** Where `address` itself is that of a struct page: the frame it describes. */
    readonly describes?: number;
    readonly use: string;
    readonly state: 'present' | 'zero' | 'excluded' | 'lost' | 'absent';
  };
}

/** `kleak core sym --json`. */
export interface CoreSymbols {
  readonly symbols: readonly CoreSymbol[];
}

export interface CoreSymbol {
  readonly name: string;
  readonly address: string;
  /** Of the address that was asked for, from the symbol's own; absent where a name was asked for. */
  readonly offset?: number;
  readonly kind: string;
  readonly module?: string;
}

/** `kleak core read --json`. */
export interface CoreRead {
  readonly address: string;
  /** Hexadecimal, in the order of memory. */
  readonly bytes: string;
  readonly words: readonly { readonly address: string; readonly value: string; readonly symbol?: string }[];
}
