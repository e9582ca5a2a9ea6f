import { spellBytes } from '../../amounts.ts';

/** A difference: what is more with its sign. */
export const signed = (bytes: number): string => (bytes > 0 ? `+${spellBytes(bytes)}` : spellBytes(bytes));
