import { expect, test } from 'vitest';
import { foldAlike } from './fold-problems.ts';

test('problems that differ in figures and addresses only are told once, with how many there are', () => {
  const slabs = Array.from(
    { length: 30 },
    (_, i) => `dentry: slab ffff8881${i.toString(16)}0 has ${i} objects too many`,
  );
  expect(foldAlike(['no BTF', ...slabs, 'no kallsyms'])).toEqual([
    'no BTF',
    'dentry: slab ffff888100 has 0 objects too many; and 29 more like it',
    'no kallsyms',
  ]);
});

test('words stay apart, also those of hex digits', () => {
  expect(foldAlike(['cache dead: torn', 'cache beef: torn'])).toEqual(['cache dead: torn', 'cache beef: torn']);
  expect(foldAlike([])).toEqual([]);
});
