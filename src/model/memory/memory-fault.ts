import type { PageState } from './physical-memory.ts';

/** Why an address has no bytes. */
export type FaultCause = Exclude<PageState, 'present' | 'zero'> | 'unmapped';

const SPELLED: Readonly<Record<FaultCause, string>> = {
  unmapped: 'is not mapped',
  excluded: 'was left out of the dump',
  lost: 'is missing from the dump',
  absent: 'lies outside of the dump',
};

/**
 * A read of kernel memory that found no bytes. Walkers catch it at the end of their walk, keep what they have, and say so
 * as a problem; only a single look-up that the user asked for lets it through.
 */
export class MemoryFault extends Error {
  override readonly name = 'MemoryFault';
  readonly address: bigint;
  readonly because: FaultCause;

  constructor(address: bigint, because: FaultCause) {
    super(`${BigInt.asUintN(64, address).toString(16).padStart(16, '0')} ${SPELLED[because]}`);
    this.address = address;
    this.because = because;
  }
}

/** What `read` returns, or undefined where it met memory that is not there. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof MemoryFault) return undefined;
    throw cause;
  }
}
