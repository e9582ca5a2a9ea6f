import { HEAD_BYTES, contentKind, type ContentKind, type DumpKind } from './content-kind.ts';
import { peek, untilDamage, type Chunks, type Peeked } from './chunks.ts';
import { decompress, explainDamage, type Compression } from './codecs/decompress.ts';
import { Damage } from './damage.ts';
import { entryName, entryPath } from './entry-path.ts';
import { InputError } from './input-error.ts';
import type { Run } from './run.ts';
import { SlabLinks } from './slab-links.ts';
import type { SourceFile } from './source-file.ts';
import { readTar, type TarEntry } from './tar.ts';

/** Where a stream comes from. */
export interface Origin {
  /** Path inside the input; '' for the input itself. */
  readonly path: string;
  readonly name: string;
  readonly modified?: number;
  /** True for the input itself: what it holds is then told even where it would be passed over in passing. */
  readonly given: boolean;
  /** The file on disk that these bytes are, unchanged. */
  readonly file?: string;
  /** Containers around it. */
  readonly depth: number;
  /** True where the bytes were decompressed just now, so that an archive in them is not another level. */
  readonly unpacked?: true;
  readonly damage: Damage;
}

/** The files in a stream: itself where it is text, what it holds where it is packed. */
export async function* openStream(source: Chunks, origin: Origin, run: Run): AsyncGenerator<SourceFile> {
  const peeked = await peek(source, HEAD_BYTES);
  try {
    const found = contentKind(peeked.head);
    switch (found.kind) {
      case 'text':
        yield textFile(peeked.chunks, origin, run);
        return;
      case 'gzip':
      case 'zstd':
      case 'xz':
        yield* openCompressed(found.kind, peeked, origin, run);
        return;
      case 'tar':
        yield* openArchive(peeked.chunks, origin, run);
        return;
      case 'empty':
        for await (const _ of peeked.chunks); // Throws where nothing could be read.
        passOver({ kind: 'empty' }, origin, run);
        return;
      case 'binary':
        passOver({ kind: 'binary' }, origin, run);
        return;
      case 'dump':
        await takeDump(found.dump, peeked.chunks, origin, run);
        return;
      case 'refused':
      case 'other':
        passOver(found, origin, run);
        return;
    }
  } finally {
    await peeked.close();
  }
}

function textFile(chunks: Chunks, origin: Origin, run: Run): SourceFile {
  run.openFile();
  return {
    input: run.input,
    path: origin.path,
    name: origin.name,
    ...(origin.modified === undefined ? {} : { modified: origin.modified }),
    text: () => limited(chunks, origin, run),
  };
}

async function* limited(chunks: Chunks, origin: Origin, run: Run): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > run.limits.fileBytes) {
      run.tell({ what: origin.name, why: `is longer than ${run.limits.fileBytes} bytes; the rest was not read` });
      return;
    }
    yield chunk;
    await run.breathe();
    if (run.over) return;
  }
}

async function* openCompressed(
  compression: Compression,
  peeked: Peeked,
  origin: Origin,
  run: Run,
): AsyncGenerator<SourceFile> {
  if (isTooDeep(origin, run)) return;
  const tell = (cause: unknown): void => tellDamage(explainDamage(cause), origin, run);
  const content = untilDamage(expand(compression, peeked.chunks, origin, run), tell);
  const { file: _, ...inside } = origin;
  yield* openStream(content, { ...inside, depth: origin.depth + 1, unpacked: true }, run);
}

/** Decompresses, and stops where what comes out is out of all proportion to what went in. */
async function* expand(compression: Compression, source: Chunks, origin: Origin, run: Run): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let bytes = 0;
  const counted = (async function* count(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      packed += chunk.length;
      yield chunk;
    }
  })();
  for await (const chunk of decompress(compression, counted)) {
    bytes += chunk.length;
    if (bytes > run.limits.ratioFrom && bytes > packed * run.limits.ratio) {
      tellDamage(`unpacks to more than ${run.limits.ratio} times its size; the rest was not read`, origin, run);
      return;
    }
    if (!run.spend(chunk.length)) return;
    yield chunk;
    await run.breathe();
  }
}

async function* openArchive(source: Chunks, origin: Origin, run: Run): AsyncGenerator<SourceFile> {
  if (!origin.unpacked && isTooDeep(origin, run)) return;
  const depth = origin.unpacked ? origin.depth : origin.depth + 1;
  const links = new SlabLinks();
  for await (const entry of readTar(source, (why) => tellDamage(why, origin, run))) {
    const path = entryPath(entry.path);
    const name = entryName(origin.name, path);
    if (!run.enter(name)) break;
    if (entry.type === 'symlink') links.add(path, entry.target ?? '');
    if (entry.type === 'file') yield* openStream(entry.content, entryOrigin(entry, path, origin, depth), run);
    await run.breathe();
  }
  for (const { path, chunks } of links.files()) yield textFile(chunks, entryOrigin({}, path, origin, depth), run);
}

function entryOrigin(entry: Pick<TarEntry, 'modified'>, path: string, origin: Origin, depth: number): Origin {
  return {
    path: origin.path === '' ? path : `${origin.path}/${path}`,
    name: entryName(origin.name, path),
    ...(entry.modified === undefined ? {} : { modified: entry.modified }),
    given: false,
    depth,
    damage: new Damage(origin.damage),
  };
}

function isTooDeep(origin: Origin, run: Run): boolean {
  if (origin.depth < run.limits.depth) return false;
  run.tell({ what: origin.name, why: `lies more than ${run.limits.depth} containers deep` });
  return true;
}

function tellDamage(why: string, origin: Origin, run: Run): void {
  run.throwIfAborted();
  if (!origin.damage.told && !run.over) run.tell({ what: origin.name, why });
  origin.damage.mark();
}

/** A dump is opened for itself, where it lies or was unpacked to. */
async function takeDump(kind: DumpKind, chunks: Chunks, origin: Origin, run: Run): Promise<void> {
  const { name } = origin;
  const given = origin.file === undefined ? undefined : { file: origin.file };
  const found = given ?? (await run.unpack?.take(name, breathing(chunks, run)));
  const isThere = found !== undefined && 'file' in found;
  const because =
    found === undefined || isThere ? 'is a crash dump inside of an archive; unpack it and give the file' : found.why;
  const at = isThere ? { file: found.file } : {};
  run.tell({ what: name, why: because, dump: { kind, input: run.input, name, ...at } });
}

async function* breathing(chunks: Chunks, run: Run): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    await run.breathe();
    if (run.over) return;
  }
}

type PassedOver = Extract<ContentKind, { kind: 'refused' | 'other' }> | { readonly kind: 'empty' | 'binary' };

function passOver(found: PassedOver, origin: Origin, run: Run): void {
  switch (found.kind) {
    case 'other':
      if (origin.given) run.tell({ what: origin.name, why: `is a ${found.format}, which is not read: ${found.todo}` });
      else run.passOver();
      return;
    case 'refused':
      if (origin.given)
        throw new InputError(
          run.input,
          `is a ${found.format} file, which is not read`,
          `unpack it first (${found.unpack}) and give the folder`,
        );
      run.tell({ what: origin.name, why: `is a ${found.format} file, which is not read` });
      return;
    case 'empty':
      if (origin.given && !origin.damage.told) run.tell({ what: origin.name, why: 'is empty' });
      return;
    case 'binary':
      if (origin.damage.told) return;
      if (origin.given) run.tell({ what: origin.name, why: 'is a binary file of a kind that is not known' });
      else run.passOver();
  }
}
