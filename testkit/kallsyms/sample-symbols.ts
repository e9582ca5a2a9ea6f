import { fixture } from '../exercise-format.ts';
import type { WrittenSymbol } from './kallsyms-image.ts';

/** Symbols of a real kernel: every 80th of them, with per-CPU offsets and modules. */
export const REAL_KALLSYMS: string = fixture('proc/kallsyms/6.1-guest.txt');

/** Four thousand symbols of the kernel itself, named and placed after the real ones. */
export function sampleSymbols(): readonly WrittenSymbol[] {
  const real = REAL_KALLSYMS.split('\n').flatMap((line) => {
    const [, address = '', letter = '', name = '', module] = /^(\w+) (\S) (\S+)(\t\[.*)?$/.exec(line) ?? [];
    return address === '' || module !== undefined ? [] : [{ name, letter, address: BigInt(`0x${address}`) }];
  });
  const more = real
    .filter(({ name, address }) => address >> 63n === 1n && !['_text', '_stext', '_end'].includes(name))
    .flatMap(({ name, letter, address }) =>
      ['__pfx_', '', ''].map((prefix, i) => ({
        name: `${prefix}${name}${i === 0 ? '' : `.isra.${i}`}`,
        letter: letter.toLowerCase(),
        address: address + BigInt(i + 1),
      })),
    );
  return [...real, ...more];
}
