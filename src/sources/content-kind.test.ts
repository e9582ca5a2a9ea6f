import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { contentKind } from './content-kind.ts';

const elf = (type: number): Buffer => {
  const head = Buffer.alloc(64);
  head.write('\u007fELF', 'latin1');
  head[4] = 2;
  head[5] = 1;
  head.writeUInt16LE(type, 16);
  return head;
};

it.each([
  ['text', Buffer.from('MemTotal: 1 kB\n'), { kind: 'text' }],
  ['nothing', Buffer.alloc(0), { kind: 'empty' }],
  ['text in UTF-16', Buffer.from('\ufeffMemTotal', 'utf16le'), { kind: 'text' }],
  ['bytes with NUL', Buffer.from('a\0b'), { kind: 'binary' }],
  [
    'a log with the NULs that a crash left',
    Buffer.from(`[1.0] one line of a log\n${'\0'.repeat(4000)}[2.0] another line\n`),
    { kind: 'text' },
  ],
  [
    'numbers with NULs between',
    Buffer.from(Uint32Array.from({ length: 200 }, (_, i) => i * 7919).buffer),
    { kind: 'binary' },
  ],
  ['gzip', gzipSync('a'), { kind: 'gzip' }],
  ['zstd', zstdCompressSync('a'), { kind: 'zstd' }],
  ['an ELF core', elf(4), { kind: 'dump', dump: 'elf-core' }],
  ['an ELF program', elf(2), { kind: 'binary' }],
  ['makedumpfile’s format', Buffer.from('KDUMP   \0\0'), { kind: 'dump', dump: 'kdump' }],
  ['diskdump', Buffer.from('DISKDUMP\0\0'), { kind: 'dump', dump: 'diskdump' }],
  ['a flattened dump', Buffer.from('makedumpfile\0\0\0\0'), { kind: 'dump', dump: 'flattened' }],
  ['text about makedumpfile', Buffer.from('makedumpfile --help'), { kind: 'text' }],
  ['zip', Buffer.from('PK\u0003\u0004'), { kind: 'refused', format: 'zip', unpack: 'unzip' }],
  [
    'picture',
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    expect.objectContaining({ kind: 'other' }),
  ],
  ['PDF', Buffer.from('%PDF-1.7\n'), expect.objectContaining({ kind: 'other', format: 'PDF' })],
  ['bzip2', Buffer.from('BZh91AY&SY'), { kind: 'refused', format: 'bzip2', unpack: 'bunzip2' }],
  ['text that begins with BZh', Buffer.from('BZh9 is a name'), { kind: 'text' }],
])('tells %s', (_, head, kind) => {
  expect(contentKind(head)).toEqual(kind);
});
