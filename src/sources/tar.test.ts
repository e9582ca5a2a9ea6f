import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { has, inChunks, runTool, scratch, textOf, writeTree } from '../../testkit/read-input.ts';
import { readTar } from './tar.ts';

const folder = scratch();

async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const packer = pack();
  for (const [name, content] of Object.entries(files)) packer.entry({ name, mtime: new Date(86_400_000) }, content);
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) if (part instanceof Uint8Array) parts.push(part);
  return Buffer.concat(parts);
}

async function list(bytes: Uint8Array, size?: number): Promise<{ read: Record<string, string>; torn: string[] }> {
  const read: Record<string, string> = {};
  const torn: string[] = [];
  for await (const entry of readTar(inChunks(bytes, size), (why) => torn.push(why)))
    if (entry.type === 'file') read[entry.path] = await textOf(entry.content);
  return { read, torn };
}

const long = `${'deep/'.repeat(40)}${'n'.repeat(90)}`;
const files = { 'a/meminfo': 'MemTotal: 1 kB\n', empty: '', [long]: 'x'.repeat(3000), last: 'y'.repeat(512) };

describe('readTar', () => {
  it.each([1, 511, 4096, 1 << 20])('reads every entry, whatever the chunks (%i bytes)', async (size) => {
    expect(await list(await archive(files), size)).toEqual({ read: files, torn: [] });
  });

  it.skipIf(!has('tar')).each(['ustar', 'gnu', 'pax', 'v7', 'oldgnu'])(
    'reads what tar writes as %s',
    async (format) => {
      writeTree(folder, { [`${format}/proc/meminfo`]: 'm\n', [`${format}/proc/slabinfo`]: 's\n' });
      const bytes = runTool('tar', ['-c', `--format=${format}`, '-f', '-', format], undefined, folder);
      const { read, torn } = await list(bytes);
      expect({ ...read, torn }).toEqual({
        [`${format}/proc/meminfo`]: 'm\n',
        [`${format}/proc/slabinfo`]: 's\n',
        torn: [],
      });
    },
  );

  it('goes on behind entries that are not read, or only in part', async () => {
    const seen: string[] = [];
    for await (const { path, content } of readTar(inChunks(await archive(files)), () => undefined)) {
      seen.push(path);
      if (path === long) for await (const _ of content) break;
    }
    expect(seen).toEqual(Object.keys(files));
  });

  it('gives what came before a cut, and says where it is', async () => {
    const bytes = await archive(files);
    for (let cut = 0; cut < bytes.length - 1024; cut += cut % 512 === 0 ? 1 : 73) {
      const { read, torn } = await list(bytes.subarray(0, cut), 700);
      for (const [name, content] of Object.entries(read))
        expect(Object.entries(files).some(([n, c]) => n.startsWith(name.slice(0, 99)) && c.startsWith(content))).toBe(
          true,
        );
      expect(torn).toHaveLength(1);
    }
    const inside = await list(bytes.subarray(0, 512 + 5));
    expect(inside).toEqual({ read: { 'a/meminfo': 'MemTo' }, torn: ['ends in the middle of a/meminfo'] });
  });

  it('keeps the entries before a damaged header', async () => {
    const bytes = await archive(files);
    bytes[1024 + 20] = 0x7f;
    const { read, torn } = await list(bytes);
    expect(read).toEqual({ 'a/meminfo': 'MemTotal: 1 kB\n' });
    expect(torn.join('')).toMatch(/is damaged/);
  });

  it('stops its source when the reader stops', async () => {
    const bytes = await archive(files);
    let stopped = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* inChunks(bytes, 512);
      } finally {
        stopped = true;
      }
    }
    for await (const _ of readTar(source(), () => undefined)) break;
    expect(stopped).toBe(true);
  });
});
