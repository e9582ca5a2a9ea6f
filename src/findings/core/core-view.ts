import type { CoreWhatis } from './core-address.ts';
import type { ObjectState } from './core-slabs.ts';
import type { CoreStruct } from './core-struct.ts';

/** A stretch of a dump's memory, and what the words in it lead to. Addresses are 16 hex digits, sizes bytes. */
export interface CoreView {
  /** What lies at the address that was asked for. */
  readonly at: CoreWhatis;
  /** Where the stretch begins: at the object that the address lies in, else at the address, in steps of 16. */
  readonly from: string;
  readonly bytes: number;
  readonly rows: readonly CoreViewRow[];
  /** The same as a struct, where one was asked for or the content leaves no other. */
  readonly struct?: CoreStruct;
  /** Why there is no struct, where one was asked for. */
  readonly structProblem?: string;
}

/** Sixteen bytes. */
export interface CoreViewRow {
  readonly address: string;
  /** Of the first of them, from `from`. */
  readonly offset: number;
  /** Hexadecimal, in the order of memory; absent where the dump has nothing of them. */
  readonly bytes?: string;
  /** Why there are none. */
  readonly missing?: string;
  /** Two numbers of eight bytes. */
  readonly words: readonly CoreViewWord[];
}

export interface CoreViewWord {
  readonly address: string;
  readonly value: string;
  /** Where the number leads, if it is the address of something. */
  readonly leads?: CoreLead;
}

export type CoreLead =
  | { readonly kind: 'symbol'; readonly symbol: string }
  | {
      readonly kind: 'object';
      readonly cache: string;
      readonly object: string;
      readonly offset: number;
      readonly state: ObjectState;
    }
  /** Memory that is mapped, by the use of its page. */
  | { readonly kind: 'page'; readonly use: string };
