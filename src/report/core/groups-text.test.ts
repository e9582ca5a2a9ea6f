import { describe, expect, it } from 'vitest';
import type { CoreGroup } from '../../findings/core/core-groups.ts';
import { renderGroups } from './groups-text.ts';

const group: CoreGroup = {
  objects: 1200,
  bytes: 1200 * 32,
  reachable: 0,
  unreachable: 1200,
  type: 'struct seq_operations',
  typeConfidence: 'exact',
  candidates: [{ type: 'struct seq_operations', score: 29, evidence: ['start is single_start'] }],
  embedded: [],
  fields: [
    { offset: 0, kind: 'symbol', value: 'ffffffff81000000', symbol: 'single_start', member: 'start' },
    { offset: 24, kind: 'gone', value: 'ffffffffc02a6020', symbol: 'ffffffffc02a6020', share: 0.5 },
  ],
  samples: ['ffff888000001000'],
  owner: { kind: 'gone', unloaded: ['frob'] },
};
const render = (of: Partial<CoreGroup>): string =>
  renderGroups({
    cache: 'kmalloc-32',
    objects: 1210,
    groups: [{ ...group, ...of }],
    small: { groups: 2, objects: 10 },
  });

describe('the text of groups', () => {
  it('says how many, what, whose, and what leads to them', () => {
    expect(render({})).toBe(`kmalloc-32: 1,210 objects in use, 1 group

1,200 × struct seq_operations, 37.5 KiB, nothing leads to any of them
  they point to code that is gone; unloaded since: frob
  start is single_start
  +0 start  single_start
  +24  ffffffffc02a6020 (50 %)
  ffff888000001000

and 10 objects in 2 smaller groups
`);
  });

  it('does not choose where several types fit, and says what an unknown one is built with', () => {
    const { type: _, ...untyped } = group;
    const candidates = ['struct a', 'struct b'].map((type) => ({ type, score: 9, evidence: [] }));
    const text = (of: Partial<CoreGroup>): string =>
      renderGroups({
        cache: 'c',
        objects: 1200,
        groups: [{ ...untyped, ...of }],
        small: { groups: 0, objects: 0 },
        unread: 7,
      });
    expect(text({ typeConfidence: 'ambiguous', candidates })).toContain('1,200 × struct a or struct b, ');
    const embedded = [{ offset: 16, type: 'struct delayed_work' }];
    expect(text({ typeConfidence: 'unknown', candidates: [], embedded })).toContain(
      '1,200 × unknown type with struct delayed_work at 16, ',
    );
    expect(text({ typeConfidence: 'unknown', candidates: [], reachable: 1000, unreachable: 200 })).toContain(
      '1,200 × unknown type, 37.5 KiB, nothing leads to 200\n',
    );
    expect(text({})).toContain('7 objects could not be looked at');
  });

  it('lets nothing of the kernel reach the terminal as it is', () => {
    expect(render({ fields: [{ offset: 0, kind: 'symbol', text: '\u001b[31m', member: 'name' }] })).not.toContain(
      '\u001b',
    );
  });
});
