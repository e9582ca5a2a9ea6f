import { describe, expect, it } from 'vitest';
import { knownIssues } from './registry.ts';
import { searchKnownIssues } from './search.ts';

const first = (query: string): string | undefined => searchKnownIssues(query)[0]?.id;

describe('searching known issues', () => {
  it('finds an issue by its number, a driver, a cache, a function, a program', () => {
    expect(first('k-0020')).toBe('K-0020');
    expect(first('i40e')).toBe('K-0007');
    expect(first('ebitmap_node')).toBe('K-0033');
    expect(first('smb2_open_file')).toBe('K-0026');
    expect(first('CURL')).toBe('K-0011');
    expect(first('balloon')).toBe('K-0028');
  });

  it('lists only issues with every word, where there are any', () => {
    expect(searchKnownIssues('vc4 5.10.48').map(({ id }) => id)).toEqual(['K-0003']);
    expect(searchKnownIssues('i40e nosuchword')[0]?.id).toBe('K-0007');
  });

  it('finds caches that a pattern covers', () => {
    expect(searchKnownIssues('kmalloc-cg-128').map(({ id }) => id)).toContain('K-0001');
  });

  it('gives all for an empty query and none for nonsense', () => {
    expect(searchKnownIssues('  ')).toBe(knownIssues);
    expect(searchKnownIssues('zzzzqqq')).toEqual([]);
    expect(searchKnownIssues('('.repeat(5000))).toEqual([]);
  });
});
