import { createGunzip } from 'node:zlib';
import type { Chunks } from '../chunks.ts';
import { through } from './through.ts';
import { unxz } from './xz.ts';
import { unzstd } from './zstd.ts';

export type Compression = 'gzip' | 'zstd' | 'xz';

/** Decompresses a stream. Everything that could be decoded comes before the error that damage ends it with. */
export function decompress(compression: Compression, source: Chunks): AsyncGenerator<Uint8Array> {
  switch (compression) {
    case 'gzip':
      return through(createGunzip(), source);
    case 'zstd':
      return unzstd(source);
    case 'xz':
      return unxz(source);
  }
}

/** What a decoder's error means, for the reader. */
export function explainDamage(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (code === 'Z_BUF_ERROR') return 'ends in the middle of the compressed data';
  if (code.startsWith('ZSTD_error_frameParameter_window'))
    return 'was compressed with a window larger than 128 MiB; unpack it with zstd -d --long=31';
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return `the compressed data is damaged (${message})`;
  return message;
}
