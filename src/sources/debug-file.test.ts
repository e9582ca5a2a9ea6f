import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { openDebugFile } from './debug-file.ts';
import { InputError } from './input-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-debug-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const fixture = (path: string): string => join(ROOT, 'fixtures/types', path);

describe('a file of symbols or types', () => {
  it.each(['gcc12-dwarf4.elf', 'gcc12-zstd.elf', 'clang14-dwarf5.elf'])('may be a vmlinux with DWARF: %s', (name) => {
    const opened = openDebugFile(fixture(`dwarf/${name}`));
    const types = opened.types();
    expect(opened.kind).toBe('elf');
    expect(types?.problems).toEqual([]);
    expect(types?.value.source).toMatch(/^DWARF of .*\.elf$/);
    expect(types?.value.find('struct', 'node')).toBeDefined();
    expect(opened.symbols()?.value.count).toBeGreaterThan(5);
    opened.close();
  });

  it('may be BTF, also of a module', () => {
    const kernel = openDebugFile(fixture('btf/kernel.btf'));
    expect(kernel).toMatchObject({ kind: 'btf' });
    expect(kernel.symbols()).toBeUndefined();
    expect(kernel.types()?.value.count).toBe(61);
    expect(openDebugFile(fixture('btf/module.btf')).types()?.problems).toHaveLength(1);
  });

  it('may be a System.map or a saved /proc/kallsyms', () => {
    const opened = openDebugFile(file('System.map', 'ffffffff81000000 T _text\nffffffff81000100 t helper\n'));
    expect(opened).toMatchObject({ kind: 'symbol-text' });
    expect(opened.symbols()?.value.count).toBe(2);
    expect(opened.types()).toBeUndefined();
  });

  it.each([
    ['gzip', 'map.gz', gzipSync('x'), /is packed \(gzip\); unpack it first: gunzip -k .*map\.gz/],
    ['zstd', 'vmlinux.zst', zstdCompressSync('x'), /is packed \(zstd\); unpack it first: unzstd .*vmlinux\.zst/],
    ['a core', 'vmcore', 'KDUMP   ', /is a crash dump; give a vmlinux/],
    ['a boot image', 'vmlinuz', `${'\0'.repeat(0x202)}HdrS${'\0'.repeat(64)}`, /is a boot image, which has no symbols/],
    ['a text', 'notes', 'not a symbol\n', /is of no kind that has symbols or types/],
    ['nothing', 'empty', '', /is empty/],
    [
      "Debian's placeholder",
      'System.map-6.1',
      'ffffffffffffffff B The real System.map is in the linux-image-6.1-dbg package\n',
      /is a placeholder; the real System\.map is in the package linux-image-6\.1-dbg/,
    ],
  ])('is refused in a line where it is %s', (_, name, content, message) => {
    const path = file(name, content);
    expect(() => openDebugFile(path)).toThrow(InputError);
    expect(() => openDebugFile(path)).toThrow(message);
  });

  it('is refused where it cannot be opened, or is a directory', () => {
    expect(() => openDebugFile(join(folder, 'none'))).toThrow('no such file or directory; give a vmlinux');
    expect(() => openDebugFile(folder)).toThrow('is a directory; give a vmlinux');
  });
});
