import { describe, expect, it } from 'vitest';
import { parseStructQuery } from './struct-query.ts';

describe('a struct, as people ask for it', () => {
  it.each([
    ['kmem_cache', { type: 'kmem_cache', paths: [] }],
    ['struct kmem_cache', { type: 'struct kmem_cache', paths: [] }],
    ['  union  foo ', { type: 'union foo', paths: [] }],
    ['struct page.flags', { type: 'struct page', paths: ['flags'] }],
    ['task_struct.comm,pid,tasks.next', { type: 'task_struct', paths: ['comm', 'pid', 'tasks.next'] }],
    ['kmem_cache.node[3]', { type: 'kmem_cache', paths: ['node[3]'] }],
  ])('%s', (text, query) => {
    expect(parseStructQuery(text)).toEqual(query);
  });

  it.each(['', 'a b c', 'page.', 'page.flags,', '*page', 'page->flags', 'enum x'])('%s is none', (text) => {
    expect(parseStructQuery(text)).toBeUndefined();
  });
});
