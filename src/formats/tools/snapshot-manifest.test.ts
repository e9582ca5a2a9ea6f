import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { snapshotManifest } from './snapshot-manifest.ts';

const document = {
  schema: 'kleak.snapshot/1',
  kleak: '0.1.0',
  taken: '2026-11-26T14:40:35.957Z',
  sources: [{ path: 'proc/uptime', bytes: 17, cut: false, milliseconds: 248 }],
  unread: [
    { what: '/proc/slabinfo', why: 'permission denied; run as root (it gives every slab cache)' },
    { what: 12, why: 'no text' },
    'nothing',
  ],
};
const text = `${JSON.stringify(document, undefined, 2)}\n`;

describe('the manifest of a snapshot', () => {
  it('says what the host did not give', () => {
    const { value } = readBlock(snapshotManifest, text);
    expect(value.unread).toEqual([document.unread[0]]);
    expect(readBlock(snapshotManifest, `before\n${text}after\n`).value.unread).toHaveLength(1);
  });

  it('is no other JSON, and nothing that has no end', () => {
    expect(snapshotManifest.claim(cleanLines(text.replace('snapshot/1', 'diagnosis/1')), 0)).toBe(0);
    expect(snapshotManifest.claim(cleanLines(text.slice(0, -3)), 0)).toBe(0);
  });

  exerciseFormat(snapshotManifest, text);
});
