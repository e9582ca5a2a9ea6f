import { InputError } from '../../sources/input-error.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';

/** `ffff8881002a4000`: 16 hex digits, as every document spells a kernel address. */
export const spell = (address: bigint): string => BigInt.asUintN(64, address).toString(16).padStart(16, '0');

const NUMBER = /^(?:0x)?[0-9a-f]{1,16}$/i;
const SYMBOL_AND_OFFSET = /^([A-Za-z_.$][\w.$]*)(?:\+(0x[0-9a-f]{1,8}|\d{1,9}))?$/;

/**
 * An address as people write it: hexadecimal with or without 0x, a symbol, or `symbol+0x10`. A word that is both, such as
 * `add`, is a symbol where there is one. Throws InputError.
 */
export function parseAddress({ symbols, file }: Kernel, text: string): bigint {
  const [, name = '', offset] = SYMBOL_AND_OFFSET.exec(text) ?? [];
  const base = name === '' ? undefined : symbols.find(name);
  if (base !== undefined) return BigInt.asUintN(64, base + BigInt(offset ?? 0));
  if (NUMBER.test(text)) return BigInt(`0x${text.replace(/^0x/i, '')}`);
  throw new InputError(file, `has no symbol ${text}`, 'give an address in hexadecimal, a symbol, or symbol+0x10');
}

/** A count as people write it, decimal or with 0x. Throws InputError. */
export function parseCount(file: string, text: string, most: number): number {
  const count = /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new InputError(file, `${text} is no count`, `give a number from 1 to ${most}`);
}
