import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMadeDump } from '../../../../testkit/made-dump.ts';
import { CoreSession } from '../session.ts';
import { Completer } from './complete.ts';
import { Shell } from './shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-complete-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { path, map } = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: ['AA'] },
    { name: 'dentry', size: 192, slabs: ['A'] },
  ],
});
const session = CoreSession.open(path, { symbols: [map] });
afterAll(() => session.close());
const completer = new Completer(new Shell(session));
const after = (line: string): readonly string[] => completer.complete(line).candidates;

describe('completion', () => {
  it('knows the words', () => {
    expect(after('km')).toEqual(['kmem']);
    expect(after('')).toEqual(expect.arrayContaining(['ps', 'bt', 'quit']));
    expect(after('help fo')).toEqual(['foreach']);
  });

  it('knows caches behind kmem, also behind an option', () => {
    expect(completer.complete('kmem -S den')).toEqual({ candidates: ['dentry'], typed: 'den' });
    expect(after('kmem -S kmalloc-')).toEqual(['kmalloc-32']);
  });

  it('knows symbols, from two characters on', () => {
    expect(after('rd slab_cac')).toEqual(['slab_caches']);
    expect(after('rd s')).toEqual([]);
  });

  it('knows structs and their members', () => {
    expect(after('struct kmem_cac')).toEqual(expect.arrayContaining(['kmem_cache', 'kmem_cache_node']));
    expect(after('struct list_head.')).toEqual(['list_head.next', 'list_head.prev']);
    expect(after('struct list_head.next,p')).toEqual(['list_head.next,prev']);
    expect(after('struct kmem_cache.list.n')).toEqual(['kmem_cache.list.next']);
    expect(after('*list_h')).toEqual(['*list_head']);
    expect(after('struct nosuch.')).toEqual([]);
  });

  it('leaves options, and what goes to a shell or a file, alone', () => {
    expect(after('kmem -')).toEqual([]);
    expect(after('kmem -s | gre')).toEqual([]);
    expect(after('ps > /tm')).toEqual([]);
    expect(after('eval nosuch_nosuch')).toEqual([]);
  });
});
