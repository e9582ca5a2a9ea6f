import { createWriteStream, chmodSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { has, readInput, runTool, scratch, writeTree } from '../../testkit/read-input.ts';
import { InputError } from './input-error.ts';
import { openInput } from './open.ts';
import type { Progress } from './source-file.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const MEMINFO = 'MemTotal: 8 kB\nMemFree: 4 kB\n';

interface Entry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly link?: string;
}
async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const packer = pack();
  for (const { name, content = '', link } of entries) {
    if (link === undefined) packer.entry({ name }, content);
    else packer.entry({ name, type: 'symlink', linkname: link });
  }
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) if (part instanceof Uint8Array) parts.push(part);
  return Buffer.concat(parts);
}

describe('a file', () => {
  it('is read whatever its name', async () => {
    const { files, unread } = await readInput(put('looks-like.tar.gz', MEMINFO));
    expect(files).toMatchObject([{ path: '', name: at('looks-like.tar.gz'), text: MEMINFO }]);
    expect(unread).toEqual([]);
  });

  it('is unpacked where it is compressed', async () => {
    for (const [name, bytes] of [
      ['m.gz', gzipSync(MEMINFO)],
      ['m.zst', zstdCompressSync(MEMINFO)],
    ] as const)
      expect((await readInput(put(name, bytes))).files).toMatchObject([{ path: '', text: MEMINFO }]);
  });

  it('that is missing, or whose kind is refused, is an error that says what to do', async () => {
    await expect(readInput(at('absent'))).rejects.toThrow(`${at('absent')}: no such file or directory; check the path`);
    const zip = put('a', Buffer.from('PK\u0003\u0004rest'));
    await expect(readInput(zip)).rejects.toThrow(InputError);
    await expect(readInput(zip)).rejects.toThrow(/is a zip file.*unzip/);
    await expect(readInput(put('b', 'BZh91AY&SY'))).rejects.toThrow(/is a bzip2 file.*bunzip2/);
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is an error', async () => {
    const file = put('secret', MEMINFO);
    chmodSync(file, 0);
    await expect(readInput(file)).rejects.toThrow(/permission denied/);
  });

  it('of the kernel that cannot be read is an error', async () => {
    await expect(readInput('/proc/self/mem')).rejects.toThrow(InputError);
  });

  it('that is binary or empty is told', async () => {
    expect((await readInput(put('bin', 'a\0b'))).unread).toEqual([
      { what: at('bin'), why: 'is a binary file of a kind that is not known' },
    ]);
    const [photo] = (await readInput(put('photo', Buffer.from('89504e470d0a1a0a', 'hex')))).unread;
    expect(photo?.why).toMatch(/^is a picture, which is not read: give the text itself/);
    expect((await readInput(put('empty', ''))).unread).toEqual([{ what: at('empty'), why: 'is empty' }]);
  });

  it('that is a crash dump is told as one, with the file to open', async () => {
    const dump = put('vmcore', 'KDUMP   \0\0');
    const { unread } = await readInput(dump);
    expect(unread).toMatchObject([{ what: dump, dump: { kind: 'kdump', file: dump, name: dump } }]);
    const packed = await readInput(put('vmcore.gz', gzipSync('KDUMP   \0\0')));
    expect(packed.unread[0]?.dump).toEqual({ kind: 'kdump', input: at('vmcore.gz'), name: at('vmcore.gz') });
  });
});

describe('a directory', () => {
  it('is walked in the order of names, files that are compressed or packed included', async () => {
    const tree = writeTree(at('tree'), {
      'b/meminfo': 'b',
      'a/meminfo': 'a',
      'c/messages.gz': gzipSync('c'),
      'd/sos.tar.gz': gzipSync(await tar({ name: 'proc/meminfo', content: 'd' })),
      'e/data': 'bin\0ary',
    });
    const progress: Progress[] = [];
    const { files, unread } = await readInput(tree, { progress: (p) => progress.push(p) });
    expect(files.map((f) => [f.path, f.text])).toEqual([
      ['a/meminfo', 'a'],
      ['b/meminfo', 'b'],
      ['c/messages.gz', 'c'],
      ['d/sos.tar.gz/proc/meminfo', 'd'],
    ]);
    expect(files[0]?.name).toBe(`${tree}/a/meminfo`);
    expect(unread).toEqual([]);
    expect(progress.at(-1)).toMatchObject({ files: 4, passedOver: 1, done: true });
  });

  it('gives the time of each file', async () => {
    const tree = writeTree(at('times'), { f: 'x' });
    utimesSync(join(tree, 'f'), 1000, 2000);
    expect((await readInput(tree)).files[0]?.modified).toBe(2_000_000);
  });

  it('is not left through symbolic links, nor walked in circles', async () => {
    const tree = writeTree(at('linked'), { 'in/f': 'x' });
    symlinkSync('..', join(tree, 'in/up'));
    symlinkSync('/etc', join(tree, 'etc'));
    symlinkSync('/etc/passwd', join(tree, 'passwd'));
    symlinkSync('f', join(tree, 'in/again'));
    expect((await readInput(tree)).files.map((f) => f.path)).toEqual(['in/f']);
  });

  it.skipIf(!has('mkfifo'))('with a pipe in it does not wait for a writer', async () => {
    const tree = writeTree(at('pipes'), { f: 'x' });
    runTool('mkfifo', [join(tree, 'fifo')]);
    expect((await readInput(tree)).files.map((f) => f.path)).toEqual(['f']);
  });

  it('keeps the targets of /sys/kernel/slab as a listing', async () => {
    const tree = writeTree(at('sys-copy'), { 'sys/kernel/slab/:0000128/objects': '5' });
    symlinkSync(':0000128', join(tree, 'sys/kernel/slab/dio'));
    const { files } = await readInput(tree);
    expect(files.at(-1)).toMatchObject({ path: 'sys/kernel/slab', text: 'dio -> :0000128\n' });
  });

  it('names a few of many files that cannot be read, and counts the rest', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, 'PK\u0003\u0004']));
    const { unread } = await readInput(writeTree(at('zips'), many));
    expect(unread).toHaveLength(21);
    expect(unread.at(-1)?.what).toMatch(/: 10 more files$/);
  });

  it('reads files of /proc, which claim to be empty', async () => {
    const { files } = await readInput('/proc/sys/kernel/random');
    expect(files.find((f) => f.path === 'poolsize')?.text).toMatch(/^\d+\n$/);
  });
});

it.skipIf(!has('mkfifo'))('a pipe that is given is read to its end', async () => {
  const fifo = at('given-fifo');
  runTool('mkfifo', [fifo]);
  const reading = readInput(fifo);
  createWriteStream(fifo).end(gzipSync(MEMINFO));
  expect((await reading).files).toMatchObject([{ name: fifo, text: MEMINFO }]);
});

describe('an archive', () => {
  it('gives harmless paths', async () => {
    const names = ['../../etc/passwd', '/abs/f', './a/./b', 'x\u001b[31m\n', '..'];
    const bytes = await tar(...names.map((name) => ({ name, content: 'c' })));
    const { files } = await readInput(put('evil.tar', bytes));
    expect(files.map((f) => f.path)).toEqual(['etc/passwd', 'abs/f', 'a/b', 'x?[31m?', 'unnamed']);
    expect(files[0]?.name).toBe(`${at('evil.tar')}/etc/passwd`);
  });

  it('does not follow links, but keeps those of /sys/kernel/slab', async () => {
    const bytes = await tar(
      { name: 'h/passwd', link: '/etc/passwd' },
      { name: 'h/sys/kernel/slab/dio', link: ':0000640' },
      { name: 'h/meminfo', content: MEMINFO },
    );
    const { files } = await readInput(put('links.tar', bytes));
    expect(files.map((f) => [f.path, f.text])).toEqual([
      ['h/meminfo', MEMINFO],
      ['h/sys/kernel/slab', 'dio -> :0000640\n'],
    ]);
  });

  it.skipIf(!has('xz')).each(['gzip', 'zstd', 'xz'] as const)(
    'is unpacked from %s, whatever is in it',
    async (kind) => {
      const squeeze = { gzip: gzipSync, zstd: zstdCompressSync, xz: (b: Buffer) => runTool('xz', ['-c'], b) }[kind];
      const inner = squeeze(await tar({ name: 'deep', content: squeeze(Buffer.from('deepest')) }));
      const bytes = await tar(
        { name: 'm', content: MEMINFO },
        { name: 'log', content: squeeze(Buffer.from('log')) },
        { name: 'in', content: inner },
      );
      const { files, unread } = await readInput(put(`a.${kind}`, squeeze(bytes)));
      expect(files.map((f) => [f.path, f.text])).toEqual([
        ['m', MEMINFO],
        ['log', 'log'],
        ['in/deep', 'deepest'],
      ]);
      expect(unread).toEqual([]);
    },
  );

  it('is not followed deeper than the limit', async () => {
    let bytes = await tar({ name: 'f', content: 'x' });
    for (let i = 0; i < 5; i++) bytes = gzipSync(await tar({ name: `t${i}`, content: bytes }));
    const { files, unread } = await readInput(put('nested', bytes));
    expect(files).toEqual([]);
    expect(unread).toEqual([{ what: `${at('nested')}/t4/t3/t2`, why: 'lies more than 3 containers deep' }]);
  });

  it('that is cut gives what came before, and one reason, wherever the cut is', async () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i * 7919}`).join('\n');
    const bytes = await tar(
      { name: 'a', content: text },
      { name: 'b', content: gzipSync(text) },
      { name: 'c', content: text },
    );
    for (const whole of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
      for (let cut = 600; cut < whole.length - 1100; cut += 379) {
        const { files, unread } = await readInput(put('cut', whole.subarray(0, cut)));
        for (const file of files) expect(text.startsWith(file.text) || file.path === '').toBe(true);
        expect(unread).toHaveLength(1);
      }
    }
  }, 30_000);
});

it('tells every damaged file of an archive', async () => {
  const packed = gzipSync(MEMINFO.repeat(100)).subarray(0, 30);
  const bytes = await tar({ name: 'a', content: packed }, { name: 'b', content: 'b' }, { name: 'c', content: packed });
  const { files, unread } = await readInput(put('damaged.tar', bytes));
  expect(files.map((f) => f.path)).toContain('b');
  expect(unread.map((u) => u.what)).toEqual([`${at('damaged.tar')}/a`, `${at('damaged.tar')}/c`]);
});

describe('limits', () => {
  it('stop a bomb by its ratio', async () => {
    const bomb = put('bomb', gzipSync(Buffer.alloc(8 << 20, 'a\n')));
    const { files, unread } = await readInput(bomb, { limits: { ratioFrom: 1 << 20 } });
    expect(files[0]?.text.length).toBeLessThan(3 << 20);
    expect(unread).toEqual([{ what: bomb, why: 'unpacks to more than 150 times its size; the rest was not read' }]);
  });

  it('stop a bomb by default', async () => {
    const zeros = Buffer.alloc(1 << 20, 'MemFree: 1 kB\n');
    const inner = gzipSync(Buffer.concat(Array.from({ length: 64 }, () => zeros)));
    const bomb = put('bomb.gz', Buffer.concat(Array.from({ length: 8 }, () => inner)));
    let bytes = 0;
    const why: string[] = [];
    for await (const file of openInput(bomb, {}, (u) => why.push(u.why)))
      for await (const chunk of file.text()) bytes += chunk.length;
    expect(bytes).toBeLessThan(300 * 2 ** 20);
    expect(why).toEqual(['unpacks to more than 150 times its size; the rest was not read']);
  });

  it('stop an input by its bytes, across files', async () => {
    const input = put(
      'large',
      gzipSync(await tar({ name: 'a', content: 'x'.repeat(50_000) }, { name: 'b', content: 'y'.repeat(500_000) })),
    );
    const { files, unread } = await readInput(input, { limits: { totalBytes: 200_000 } });
    expect(files[0]?.text).toHaveLength(50_000);
    expect(unread.map((u) => u.why)).toEqual([`holds more than 200000 bytes; reading stopped at ${input}/b`]);
  });

  it('stop a directory by its entries', async () => {
    const tree = writeTree(at('entries'), Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, 'x'])));
    const { files, unread } = await readInput(tree, { limits: { entries: 5 } });
    expect(files).toHaveLength(5);
    expect(unread.map((u) => u.why)).toEqual([`holds more than 5 files; reading stopped at ${tree}/f13`]);
  });

  it('cut one file that is too long, and go on with the next', async () => {
    const tree = writeTree(at('long'), { a: 'x'.repeat(100_000), b: 'y' });
    const { files, unread } = await readInput(tree, { limits: { fileBytes: 1000 } });
    expect(files.map((f) => f.path)).toEqual(['a', 'b']);
    expect(unread).toMatchObject([{ what: `${tree}/a` }]);
  });
});

it('stops at once when it is aborted', async () => {
  const controller = new AbortController();
  const tree = writeTree(at('abort'), { a: 'x', b: 'y' });
  const reading = (async () => {
    for await (const _ of openInput(tree, { signal: controller.signal }, () => undefined))
      controller.abort(new Error('stop'));
  })();
  await expect(reading).rejects.toThrow('stop');
});

it('goes on behind files that nobody reads', async () => {
  const bytes = gzipSync(await tar({ name: 'a', content: 'x'.repeat(100_000) }, { name: 'b', content: 'y' }));
  const names: string[] = [];
  for await (const file of openInput(put('unread.tgz', bytes), {}, () => undefined)) names.push(file.path);
  expect(names).toEqual(['a', 'b']);
});
