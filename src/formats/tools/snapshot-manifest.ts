import { FormatError, type Parsed } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';

/** What an archive of `kleak snapshot` says of itself. */
export interface SnapshotManifest {
  /** What the host did not give, and why. */
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

const SCHEMA = /^\s*"schema": "kleak\.snapshot\/1",\s*$/;
const MOST_LINES = 20_000;
const MOST_UNREAD = 1000;

/** The manifest of an archive that `kleak snapshot` made (docs/snapshot.md). */
export const snapshotManifest: TextFormat<'snapshot-manifest', SnapshotManifest> = {
  kind: 'snapshot-manifest',
  looksFor: 'a JSON document that begins with "schema": "kleak.snapshot/1"',
  many: true,

  claim(lines, at) {
    if (lines[at]?.text !== '{' || !SCHEMA.test(lines[at + 1]?.text ?? '')) return 0;
    const end = lines.slice(at, at + MOST_LINES).findIndex(({ text }) => text === '}');
    return end < 0 ? 0 : end + 1;
  },

  parse(lines, file): Parsed<SnapshotManifest> {
    const document = parseJson(lines, file);
    const listed = isRecord(document) && Array.isArray(document['unread']) ? document['unread'] : [];
    const unread = listed.slice(0, MOST_UNREAD).flatMap((one: unknown) => {
      const { what, why } = isRecord(one) ? one : {};
      return typeof what === 'string' && typeof why === 'string' ? [{ what, why }] : [];
    });
    return { value: { unread }, problems: [] };
  },
};

function parseJson(lines: readonly TextLine[], file: string): unknown {
  try {
    return JSON.parse(lines.map(({ text }) => text).join('\n'));
  } catch (cause) {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    throw new FormatError('snapshot-manifest', `no JSON: ${cause instanceof Error ? cause.message : ''}`, at);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
