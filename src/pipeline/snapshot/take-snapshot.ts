import { hostname } from 'node:os';
import type { SnapshotDocument, SnapshotReport, SnapshotSource } from '../../findings/host-snapshot.ts';
import { ArchiveWriter } from '../../sources/archive-writer.ts';
import { InputError } from '../../sources/input-error.ts';
import { openLiveHost, type HostSource, type LiveOptions } from '../../sources/live-host.ts';
import { readIdentity } from '../../sources/live/identity.ts';
import { Redactor } from '../../sources/redaction/redactor.ts';
import type { Unread } from '../../sources/source-file.ts';

export interface SnapshotOptions extends LiveOptions {
  /** Where the archive goes, `-` for standard output; without it a name made of the host's and the time. */
  readonly file?: string;
  readonly redact?: boolean;
  /** kleak's own version, for the manifest. */
  readonly version: string;
  /** Hears of each file as it is read. */
  readonly progress?: (path: string, bytes: number) => void;
  /** Hears the name under which the archive is written until it is whole, for whoever must remove it at once. */
  readonly began?: (partial: string | undefined) => void;
}

const MANIFEST = 'kleak-snapshot.json';

/**
 * Collects from this host what `diagnose` reads into one archive, file by file. It changes nothing on the host but that
 * one file, which is there whole or not at all.
 *
 * Throws InputError where the archive cannot be written, or where there was nothing to collect.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<SnapshotReport> {
  const started = Date.now();
  const file = options.file ?? nameOf(options, started);
  const redactor = options.redact === true ? new Redactor(await readIdentity(options.root)) : undefined;
  const writer = new ArchiveWriter(file);
  options.began?.(writer.partial);
  try {
    const { sources, unread } = await collectInto(writer, options, redactor);
    if (sources.length === 0) {
      const [first] = unread;
      const why = first ? `: ${first.why} (${first.what})` : '';
      throw new InputError('this host', `nothing could be read${why}`, 'mount /proc, and run as root');
    }
    const document: SnapshotDocument = {
      schema: 'kleak.snapshot/1',
      kleak: options.version,
      taken: new Date(started).toISOString(),
      seconds: (Date.now() - started) / 1000,
      ...(redactor ? { redacted: redactor.counts } : {}),
      sources,
      unread,
    };
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    await writer.add({ path: MANIFEST, parts: [Buffer.from(text)], modified: Date.now() });
    await writer.finish();
    return { ...document, file, bytes: writer.bytes };
  } catch (cause) {
    writer.abandon();
    throw cause;
  }
}

async function collectInto(
  writer: ArchiveWriter,
  options: SnapshotOptions,
  redactor: Redactor | undefined,
): Promise<{ readonly sources: readonly SnapshotSource[]; readonly unread: readonly Unread[] }> {
  const sources: SnapshotSource[] = [];
  const unread: Unread[] = [];
  for await (const source of openLiveHost(options, ({ what, why }) => unread.push({ what, why }))) {
    const { path, cut, took, modified = Date.now() } = source;
    options.progress?.(path, writer.bytes);
    const parts = await partsOf(source, redactor);
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    await writer.add({ path, parts, modified });
    sources.push({ path, bytes, cut, milliseconds: Math.round(took) });
  }
  if (!redactor) return { sources, unread };
  return { sources, unread: unread.map(({ what, why }) => ({ what: redactor.redact('', what), why })) };
}

/** The content, redacted where it is to be, line by line: a line that two parts share goes with the second. */
async function partsOf(source: HostSource, redactor: Redactor | undefined): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let carried: Buffer = Buffer.alloc(0);
  for await (const part of source.text()) {
    if (!redactor) {
      parts.push(part);
      continue;
    }
    const text = Buffer.concat([carried, part]);
    const end = text.lastIndexOf(10) + 1;
    carried = text.subarray(end);
    if (end > 0) parts.push(Buffer.from(redactor.redact(source.path, text.subarray(0, end).toString())));
  }
  if (redactor && carried.length > 0) parts.push(Buffer.from(redactor.redact(source.path, carried.toString())));
  return parts;
}

/** `kleak-node7-20260710T101500Z.tar.gz`; of a redacted one the host is not told. */
function nameOf({ redact, root = '' }: SnapshotOptions, at: number): string {
  const named = root === '' && redact !== true ? hostname().replaceAll(/[^\w.-]/g, '') : '';
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `kleak-${named === '' ? 'snapshot' : named}-${time}.tar.gz`;
}
