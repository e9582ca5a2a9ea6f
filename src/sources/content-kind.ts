/** How a crash dump is packed: an ELF core, makedumpfile's two formats, and its form for pipes. */
export type DumpKind = 'elf-core' | 'kdump' | 'diskdump' | 'flattened';

/** What a file is, told from its first bytes and never from its name. */
export type ContentKind =
  | { readonly kind: 'empty' | 'text' | 'binary' | 'gzip' | 'xz' | 'zstd' | 'tar' }
  | { readonly kind: 'refused'; readonly format: string; readonly unpack: string }
  /** `todo`: what gives an answer in its place. */
  | { readonly kind: 'other'; readonly format: string; readonly todo: string }
  | { readonly kind: 'dump'; readonly dump: DumpKind };

/** How many first bytes tell the kind. */
export const HEAD_BYTES = 8192;
const TAR_BLOCK = 512;
const ELF_CORE = 4;

const COPY = 'give the text itself, or the files of /proc that it came from';

const MAGIC: readonly (readonly [readonly number[], ContentKind])[] = [
  [[0x1f, 0x8b, 0x08], { kind: 'gzip' }],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], { kind: 'xz' }],
  [[0x28, 0xb5, 0x2f, 0xfd], { kind: 'zstd' }],
  [ascii('KDUMP   '), { kind: 'dump', dump: 'kdump' }],
  [ascii('DISKDUMP'), { kind: 'dump', dump: 'diskdump' }],
  [ascii('makedumpfile\0'), { kind: 'dump', dump: 'flattened' }],
  [ascii('PK\u0003\u0004'), { kind: 'refused', format: 'zip', unpack: 'unzip' }],
  [ascii('PK\u0005\u0006'), { kind: 'refused', format: 'zip', unpack: 'unzip' }],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], { kind: 'refused', format: '7z', unpack: '7z x' }],
  [ascii('Rar!\u001a\u0007'), { kind: 'refused', format: 'rar', unpack: 'unrar x' }],
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a], { kind: 'other', format: 'picture', todo: COPY }],
  [[0xff, 0xd8, 0xff], { kind: 'other', format: 'picture', todo: COPY }],
  [ascii('GIF8'), { kind: 'other', format: 'picture', todo: COPY }],
  [ascii('%PDF-'), { kind: 'other', format: 'PDF', todo: COPY }],
  [
    ascii('SQLite format 3\0'),
    { kind: 'other', format: 'database', todo: 'kleak trend reads what kleak record writes' },
  ],
  [[0x04, 0x22, 0x4d, 0x18], { kind: 'refused', format: 'lz4', unpack: 'lz4 -d' }],
];

/** `head`: the first HEAD_BYTES bytes, or all of a shorter file. */
export function contentKind(head: Uint8Array): ContentKind {
  if (head.length === 0) return { kind: 'empty' };
  const known = MAGIC.find(([magic]) => magic.every((byte, i) => head[i] === byte));
  if (known) return known[1];
  if (isBzip2(head)) return { kind: 'refused', format: 'bzip2', unpack: 'bunzip2' };
  if (isTar(head)) return { kind: 'tar' };
  if (isSkippableZstd(head)) return { kind: 'zstd' };
  if (isElf(head)) return elfType(head) === ELF_CORE ? { kind: 'dump', dump: 'elf-core' } : { kind: 'binary' };
  if (wideEncoding(head) !== undefined) return { kind: 'text' };
  return { kind: isText(head) ? 'text' : 'binary' };
}

/** Most control characters that a text may have among its other bytes: damage, or colour codes. */
const MOST_CONTROL = 0.02;
/** Fewer bytes than this beside NULs are no text to speak of. */
const LEAST_WRITTEN = 32;
const LINE_END = 0x0a;

/**
 * A log of a host that crashed holds runs of NUL, and a damaged copy a stray byte or two: they are still texts. What is
 * between the NULs decides.
 */
function isText(head: Uint8Array): boolean {
  if (!head.includes(0)) return true;
  let written = 0;
  let control = 0;
  for (const byte of head) {
    if (byte === 0) continue;
    written++;
    if ((byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f) control++;
  }
  return written >= LEAST_WRITTEN && head.includes(LINE_END) && control <= written * MOST_CONTROL;
}

/** UTF-16, by its byte order mark. */
export function wideEncoding(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

function ascii(text: string): readonly number[] {
  return [...Buffer.from(text, 'latin1')];
}

/** `BZh`, a digit, and the digits of pi that begin a block (or those of its root that end an empty file). */
function isBzip2(head: Uint8Array): boolean {
  const [b, z, h, level = 0, first] = head;
  return b === 0x42 && z === 0x5a && h === 0x68 && level >= 0x31 && level <= 0x39 && (first === 0x31 || first === 0x17);
}

const isSkippableZstd = (head: Uint8Array): boolean =>
  ((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;

const isElf = (head: Uint8Array): boolean =>
  head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
const elfType = (head: Uint8Array): number | undefined => (head[5] === 2 ? head[17] : head[16]);

/** A first header whose checksum is right; so the oldest form, which has no magic, is known too. */
function isTar(head: Uint8Array): boolean {
  if (head.length < TAR_BLOCK || head[0] === 0) return false;
  let sum = 8 * 32;
  for (let i = 0; i < TAR_BLOCK; i++) if (i < 148 || i >= 156) sum += head[i] ?? 0;
  const stated = String.fromCharCode(...head.subarray(148, 156))
    .replaceAll('\0', ' ')
    .trim();
  return /^[0-7]{1,7}$/.test(stated) && Number.parseInt(stated, 8) === sum;
}
