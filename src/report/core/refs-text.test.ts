import { expect, it } from 'vitest';
import type { CoreReferrer } from '../../findings/core/core-refs.ts';
import { renderRefs } from './refs-text.ts';

const word = (address: string, offset: number): CoreReferrer => ({
  address,
  inObject: { cache: 'dentry', object: 'ff23b14dc31df240', offset },
});
const refs = (count: number): string =>
  renderRefs({
    address: 'ff23b14dc1428000',
    target: word('ff23b14dc1428000', 0),
    referrers: [word('ff23b14dc31df270', 48), word('ff23b14dc31df2f8', 184)],
    count,
    reachable: false,
    chain: [],
  });

it('one that points there by two words is not two', () => {
  expect(refs(1)).toContain('1 points there, by 2 words\n');
  expect(refs(2)).toContain('2 point there\n');
});
