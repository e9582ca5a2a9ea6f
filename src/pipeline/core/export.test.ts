import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMadeDump } from '../../../testkit/made-dump.ts';
import { exportSqlite } from './export.ts';
import { CoreSession } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { kernel, path, map } = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: ['AAff11AA', 'AAAA'] },
    { name: 'dentry', size: 192, reclaimable: true, order: 1, slabs: ['AAAf'] },
  ],
  blocks: [{ use: 'buddy', order: 3 }],
});
const session = CoreSession.open(path, { symbols: [map] });
afterAll(() => session.close());

const leftOvers = (): readonly string[] => readdirSync(folder).filter((name) => name.includes('partial'));
const query = (file: string, sql: string): readonly unknown[] => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  } finally {
    database.close();
  }
};

describe('kleak core export', () => {
  const file = join(folder, 'dump.sqlite');

  it('writes pages, caches, slabs, objects and symbols', async () => {
    const written = await exportSqlite(session, file, { version: '1.2.3' });
    expect(written.tables).toEqual(
      written.tables.map(({ name }) => ({ name, rows: query(file, `SELECT count(*) FROM ${name}`).flat()[0] })),
    );
    expect(
      query(file, 'SELECT name, stride, allocated, total, slabs, bytes, reclaimable FROM caches ORDER BY name'),
    ).toEqual([
      ['dentry', 192, 3, 4, 1, 8192, 1],
      ['kmalloc-32', 32, 8, 12, 2, 8192, 0],
    ]);
    const objects = query(file, `SELECT address, state FROM named_objects WHERE cache = 'kmalloc-32' ORDER BY address`);
    expect(objects).toEqual(
      kernel
        .cache('kmalloc-32')
        .slabs.flatMap((slab, s) =>
          slab.objects.map((address, i) => [
            address.toString(16),
            kernel.expected['kmalloc-32']?.[s]?.[i] === 'a' ? 'allocated' : 'free',
          ]),
        ),
    );
    const symbols = query(file, 'SELECT name, address, module FROM symbols ORDER BY address');
    expect(symbols).toContainEqual(['_stext', kernel.machine.symbols.get('_stext')?.toString(16), null]);
    expect(symbols).toHaveLength(kernel.machine.symbols.size);
  });

  it('says what each page is used for, and to which slab it belongs', () => {
    expect(query(file, `SELECT pages, bytes FROM bytes_by_kind WHERE kind = 'free'`)).toEqual([[8, 32_768]]);
    const dentry = kernel.cache('dentry').slabs[0]?.frame ?? 0;
    const ofSlab = `SELECT frame, physical FROM pages JOIN slabs ON slabs.id = slab_id JOIN caches ON caches.id = cache_id
                    WHERE caches.name = 'dentry' ORDER BY 1`;
    expect(query(file, ofSlab.replace('SELECT frame', 'SELECT pages.frame'))).toEqual([
      [dentry, dentry * 4096],
      [dentry + 1, (dentry + 1) * 4096],
    ]);
    expect(query(file, 'SELECT count(*) FROM pages WHERE slab_id IS NOT NULL')).toEqual([[4]]);
    expect(query(file, 'SELECT cache, partial_slabs, free_objects, free_bytes FROM fragmentation')).toEqual([
      ['dentry', 1, 1, 192],
      ['kmalloc-32', 1, 4, 128],
    ]);
  });

  it('says what the dump is, and what was wrong with it', () => {
    expect(query(file, 'SELECT key, value FROM meta')).toEqual([
      ['schema', 'kleak.core-export/1'],
      ['kleak', '1.2.3'],
      ['dump', path],
      ['container', 'ELF core'],
      ['release', '6.1.0-test'],
      ['machine', 'x86-64'],
      ['page_size', 4096],
      ['allocator', 'SLUB'],
    ]);
    expect(query(file, 'SELECT problem FROM problems').length).toBeGreaterThan(0);
  });

  it('leaves a file alone that is there already, unless it is told to replace it', async () => {
    const kept = join(folder, 'kept.sqlite');
    writeFileSync(kept, 'mine');
    await expect(exportSqlite(session, kept, { version: '' })).rejects.toThrow('is there already; give another name');
    expect(existsSync(kept)).toBe(true);
    await exportSqlite(session, kept, { version: '', force: true });
    expect(query(kept, 'SELECT count(*) FROM caches')).toEqual([[2]]);
    expect(leftOvers()).toEqual([]);
  });

  it('leaves nothing behind where it is stopped', async () => {
    const stopped = join(folder, 'stopped.sqlite');
    const controller = new AbortController();
    const whole = exportSqlite(session, stopped, {
      version: '',
      signal: controller.signal,
      progress: () => {
        expect(leftOvers()).toHaveLength(1);
        controller.abort();
      },
    });
    await expect(whole).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it('says in one line that a file cannot be written', async () => {
    const nowhere = join(folder, 'no-such-folder/x.sqlite');
    await expect(exportSqlite(session, nowhere, { version: '' })).rejects.toThrow(
      `${nowhere}: cannot be written: unable to open database file; give another file to --sqlite`,
    );
  });
});
