import { describe, expect, it } from 'vitest';
import { linkAt, type LinkMemory } from './link-kind.ts';

const SIZE = 64n;
const OBJECTS = 0x1000n;
const HEAD = 0x100n;

/** Objects of 64 bytes from 0x1000 on; words as given, all else 0. */
function memoryOf(words: Readonly<Record<string, bigint>>): LinkMemory {
  const at = new Map(Object.entries(words).map(([address, word]) => [BigInt(address), word]));
  return {
    word: (address) => at.get(address) ?? 0n,
    object: (address) =>
      address >= OBJECTS ? { start: address - (address % SIZE), kind: address < 0x8000n ? 1 : 2 } : undefined,
  };
}
const [A, B, C, D] = [0x1000n, 0x1040n, 0x1080n, 0x10c0n] as const;
const words = (...pairs: readonly (readonly [bigint, bigint])[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(pairs.map(([address, word]) => [String(address), word]));

describe('what elements hang on', () => {
  it('is a list head where the first and the last lead back to it', () => {
    const list = words([HEAD, A + 16n], [HEAD + 8n, B + 16n], [A + 16n, B + 16n], [A + 24n, HEAD], [B + 16n, HEAD], [B + 24n, A + 16n]); // prettier-ignore
    expect(linkAt(memoryOf(list), HEAD)).toEqual({ kind: 'list_head', offset: 16 });
  });

  it('is the head of a hash list where only the first leads back', () => {
    const buckets = words([HEAD, A + 8n], [A + 16n, HEAD], [A + 8n, B + 8n], [B + 16n, A + 8n], [HEAD + 8n, C + 8n], [C + 16n, HEAD + 8n]); // prettier-ignore
    expect(linkAt(memoryOf(buckets), HEAD)).toEqual({ kind: 'hlist', offset: 8 });
  });

  it('is a tree where the root has no parent and its child has the root for one, whatever their colour', () => {
    const tree = words([HEAD, A + 24n], [A + 24n, 1n], [A + 32n, B + 24n], [B + 24n, A + 24n]);
    expect(linkAt(memoryOf(tree), HEAD)).toEqual({ kind: 'rbtree', offset: 24 });
  });

  it('is a chain where each leads to the start of the next', () => {
    const chain = words([HEAD, A], [A + 40n, B], [B + 40n, C], [C + 40n, D]);
    expect(linkAt(memoryOf(chain), HEAD)).toEqual({ kind: 'chain', offset: 40 });
  });

  it('is not known where a word leads to one object alone, to one of another kind next, or to none', () => {
    expect(linkAt(memoryOf(words([HEAD, A])), HEAD)).toBeUndefined();
    expect(linkAt(memoryOf(words([HEAD, A], [A + 40n, 0x9000n])), HEAD)).toBeUndefined();
    expect(linkAt(memoryOf(words([HEAD, 0x20n])), HEAD)).toBeUndefined();
  });

  it('is no chain where an object leads to itself', () => {
    expect(linkAt(memoryOf(words([HEAD, A], [A + 8n, A])), HEAD)).toBeUndefined();
  });
});
