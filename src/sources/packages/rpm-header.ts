/** What is asked of a header. */
export interface RpmHeader {
  readonly name: string;
  /** `[epoch:]version-release` */
  readonly version: string;
  readonly architecture?: string;
}

const ENTRY = 16;
const INT32 = 4;
const STRING = 6;
const NAME = 1000;
const VERSION = 1001;
const RELEASE = 1002;
const EPOCH = 1003;
const ARCHITECTURE = 1022;
/** Tags of one header, as rpm itself limits them. */
const MOST_ENTRIES = 65_535;
const LONGEST = 256;

/**
 * Reads the name and version in a header as the data base stores it: two big-endian counts (entries, bytes of data),
 * the entries (tag, type, offset, count), the data. Undefined where it holds no name, version and release.
 *
 * Written by rpm lib/header.c, headerExport(); the magic that files have before it is not in the data base.
 */
export function readRpmHeader(blob: Uint8Array): RpmHeader | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (blob.length < 8) return undefined;
  const [entries, size] = [view.getUint32(0), view.getUint32(4)];
  const data = 8 + entries * ENTRY;
  if (entries > MOST_ENTRIES || data + size > blob.length) return undefined;
  const found = new Map<number, string>();
  for (let at = 8; at < data; at += ENTRY) {
    const [tag, type, offset] = [view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8)];
    if (offset >= size) continue;
    const value = valueAt(blob, view, type, data + offset, data + size);
    if (WANTED.has(tag) && value !== undefined) found.set(tag, value);
  }
  const [name, version, release] = [found.get(NAME), found.get(VERSION), found.get(RELEASE)];
  if (name === undefined || version === undefined || release === undefined) return undefined;
  const [epoch, architecture] = [found.get(EPOCH), found.get(ARCHITECTURE)];
  return {
    name,
    version: `${epoch === undefined ? '' : `${epoch}:`}${version}-${release}`,
    ...(architecture === undefined ? {} : { architecture }),
  };
}

const WANTED: ReadonlySet<number> = new Set([NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE]);

function valueAt(blob: Uint8Array, view: DataView, type: number, at: number, end: number): string | undefined {
  if (type === INT32) return at + 4 <= end ? String(view.getUint32(at)) : undefined;
  if (type !== STRING) return undefined;
  const zero = blob.indexOf(0, at);
  if (zero < 0 || zero >= end || zero - at > LONGEST) return undefined;
  const text = Buffer.from(blob.buffer, blob.byteOffset + at, zero - at).toString();
  return text === '' || /\s/.test(text) ? undefined : text;
}
