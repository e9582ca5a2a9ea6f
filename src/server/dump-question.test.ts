import { describe, expect, it } from 'vitest';
import { hostileText } from '../../testkit/hostile-text.ts';
import fc from 'fast-check';
import { readQuestion, spellQuestion } from './dump-question.ts';

describe('the question in the address of a page', () => {
  it.each([
    ['view', { address: 'ffff888101000000' }, { kind: 'view', address: 'ffff888101000000' }],
    [
      'view',
      { address: ' 0xFFFF ', bytes: '64', type: 'struct page' },
      { kind: 'view', address: '0xFFFF', bytes: 64, type: 'struct page' },
    ],
    ['refs', { address: 'init_task+0x10' }, { kind: 'refs', address: 'init_task+0x10' }],
    ['cache', { name: 'kmalloc-32' }, { kind: 'cache', name: 'kmalloc-32' }],
    ['map', { whatever: 'x' }, { kind: 'map' }],
  ])('%s %j is understood, and spelled as it was', (kind, query, question) => {
    const read = readQuestion(kind, query);
    expect(read).toEqual(question);
    const spelled = typeof read === 'string' ? {} : Object.fromEntries(spellQuestion(read));
    expect(readQuestion(kind, spelled)).toEqual(question);
  });

  it.each([
    ['view', { address: '../../etc/passwd' }],
    ['view', { address: '12345678901234567' }],
    ['view', {}],
    ['view', { address: '0', bytes: '0' }],
    ['view', { address: '0', bytes: '4097' }],
    ['view', { address: '0', bytes: '1e3x' }],
    ['view', { address: '0', type: 'page; rm' }],
    ['refs', { address: 'a'.repeat(300) }],
    ['cache', { name: '' }],
    ['cache', { name: 'x'.repeat(201) }],
    ['shell', { address: '0' }],
  ])('%s %j is refused in a line', (kind, query) => {
    expect(readQuestion(kind, query)).toMatch(/^[A-Z][^\n]+[.?]$/);
  });

  it('whatever is asked, what is let through is an address, a symbol, or a name of a cache', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (address, type) => {
        const question = readQuestion('view', { address, type });
        if (typeof question === 'string' || question.kind !== 'view') return;
        expect(question.address).toMatch(/^[\w.$+]+$/);
        expect(question.type ?? 'x').toMatch(/^[\w ]+$/);
      }),
    );
  });
});
