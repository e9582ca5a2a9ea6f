import { describe, expect, it } from 'vitest';
import { codeOwner } from './code-owner.ts';
import type { Seen, WordFacts } from './word-facts.ts';

const word = (seen: Seen, share = 1): WordFacts => ({ facts: [{ seen, share }] });
const nothing: WordFacts = { facts: [{ seen: { kind: 'zero' }, share: 1 }] };

const symbol = (name: string, module: string | undefined, isCode = true): Seen => ({
  kind: 'symbol',
  isCode,
  offset: 0,
  symbol: {
    address: BigInt(name.length),
    symbol: {
      name,
      address: BigInt(name.length),
      offset: 0,
      letter: isCode ? 't' : 'd',
      ...(module === undefined ? {} : { module }),
    },
  },
});
const gone: Seen = { kind: 'gone', symbol: { address: 0xffffffffc02a6020n } };

describe('the owner of objects', () => {
  it('is the module of a function they name, not the kernel whose service they use', () => {
    const words = [symbol('single_start', undefined), symbol('single_stop', undefined), symbol('frob_show', 'frob')];
    expect(codeOwner(words.map((seen) => word(seen)))).toEqual({
      kind: 'module',
      module: 'frob',
      function: 'frob_show',
      word: { offset: 16, address: 9n, share: 1 },
    });
  });

  it('is named by data where no function is', () => {
    expect(codeOwner([nothing, word(symbol('frob_ops', 'frob', false))])).toMatchObject({
      kind: 'module',
      module: 'frob',
      variable: 'frob_ops',
    });
  });

  it('is gone with its code', () => {
    const owner = codeOwner([word(symbol('single_start', undefined)), word(gone)]);
    expect(owner).toMatchObject({ kind: 'gone', word: { offset: 8 } });
    expect(owner).not.toHaveProperty('module');
  });

  it('may be a function of the kernel that not everybody uses', () => {
    const words = [word(symbol('delayed_work_timer_fn', undefined)), word(symbol('flush_to_ldisc', undefined))];
    expect(codeOwner(words)).toMatchObject({ kind: 'kernel', function: 'flush_to_ldisc' });
  });

  it('is nobody where only stock functions, data of the kernel, or few objects say something', () => {
    expect(codeOwner([word(symbol('single_start', undefined)), word(symbol('init_net', undefined, false))])).toBe(
      undefined,
    );
    expect(codeOwner([word(symbol('frob_show', 'frob'), 0.2)])).toBe(undefined);
  });
});
