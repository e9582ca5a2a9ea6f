import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreachableNodes } from './unreachable.ts';

describe('unreachable nodes', () => {
  it('have their place among each other as rank', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (isLost) => {
        const lost = new UnreachableNodes(isLost.length, (node) => isLost[node] ?? false);
        const expected = isLost.flatMap((is, node) => (is ? [node] : []));
        expect([...lost.nodes]).toEqual(expected);
        for (const [node, is] of isLost.entries()) {
          expect(lost.rank(node)).toBe(is ? expected.indexOf(node) : -1);
          expect(lost.countBelow(node)).toBe(expected.filter((other) => other < node).length);
        }
        expect(lost.countBelow(isLost.length + 100)).toBe(expected.length);
      }),
    );
  });
});
