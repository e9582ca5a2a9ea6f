import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../../testkit/outcome-of.ts';
import { InputError } from '../../../sources/input-error.ts';
import { parseLine } from './words.ts';

describe('a line of the shell', () => {
  it.each([
    ['', []],
    ['  # a comment | with > signs', []],
    ['kmem -s  dentry', ['kmem', '-s', 'dentry']],
    [`search -c 'two words' "and \\"more\\""`, ['search', '-c', 'two words', 'and "more"']],
    ['rd a\\ b', ['rd', 'a b']],
    ['eval (1 << 4 | 3) > x', ['eval', '(1 << 4 | 3)']],
    ['rd (init_task + 8) 4', ['rd', '(init_task + 8)', '4']],
    ['*list_head modules', ['*list_head', 'modules']],
    [`list ''`, ['list', '']],
  ])('is parted: %s', (line, words) => {
    expect(parseLine(line).words).toEqual(words);
  });

  it('keeps all that stands behind the first | for a shell', () => {
    expect(parseLine('kmem -s | grep "a | b" | head > f')).toEqual({
      words: ['kmem', '-s'],
      pipe: 'grep "a | b" | head > f',
    });
  });

  it('goes to a file with > and is added to one with >>', () => {
    expect(parseLine('ps>"a file"').redirect).toEqual({ file: 'a file', append: false });
    expect(parseLine('ps >> f').redirect).toEqual({ file: 'f', append: true });
  });

  it.each(['kmem -s |', 'ps >', 'ps > a b', 'ps >> | wc', `rd 'open`, 'rd "open'])(
    'is refused in one line: %s',
    (line) => {
      expect(() => parseLine(line)).toThrow(InputError);
    },
  );

  it('is never anything but parted or refused', () => {
    const characters = Array.from(`ab '"\\|><()#-$`);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...characters) }), (line) => {
        const outcome = outcomeOf(() => parseLine(line));
        expect(outcome instanceof InputError || !(outcome instanceof Error)).toBe(true);
      }),
    );
  });
});
