import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf } from './commands.ts';
import { quantity, readSize } from './size.ts';

/** What the file systems that live in memory hold. Both kinds keep their pages in Shmem. */
export interface TmpfsUse {
  readonly mounts: readonly { readonly path: string; readonly used: Bytes; readonly at: Provenance }[];
  /** Sum of `used`; absent where no row is one of tmpfs. */
  readonly used?: Bytes;
}

const HEADER =
  /^\s*Filesystem\s+(?:Type\s+)?(1K-blocks|1M-blocks|1G-blocks|1B-blocks|1024-blocks|512-blocks|1MB-blocks|Size)\s+Used\s/;
const SIZE = String.raw`\d[\d.,]{0,20}[BKMGT]?i?`;
const ROW = new RegExp(
  String.raw`^\s*(\S{1,200})\s+(?:([a-z][\w.]{1,20})\s+)?(${SIZE})\s+(${SIZE})\s+(${SIZE})\s+(?:\d{1,3}%|-)\s+(/.*)$`,
);
const IN_MEMORY = /^(?:tmpfs|devtmpfs|ramfs)$/;

/** `df`, whole or its tmpfs lines, in any block size. Rows without a suffix or a header are in KiB, df's default. */
export const dfTmpfs: TextFormat<'df-tmpfs', TmpfsUse> = {
  kind: 'df-tmpfs',
  looksFor: 'rows of df: "tmpfs  386264K  1424K  384840K   1% /run"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const row = /^\s*(?:dev)?tmpfs\s/.test(first) && isRow(first);
    return row || HEADER.test(first) ? blockOf(lines, at, isRow, (text) => HEADER.test(text)) : 0;
  },

  parse(lines, file): Parsed<TmpfsUse> {
    const unit = unitOf(HEADER.exec(lines[0]?.text ?? '')?.[1]);
    const mounts: { path: string; used: Bytes; at: Provenance }[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const [, source = '', type = source, , used, , path = ''] = isRow(text) ? (ROW.exec(text) ?? []) : [];
      if (!IN_MEMORY.test(type) && !IN_MEMORY.test(source)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const bytes = readSize(used, unit);
      if (bytes === undefined) problems.push({ problem: 'df: unreadable row', at });
      else mounts.push({ path, used: bytes, at });
    }
    const used = mounts.length === 0 ? undefined : quantity(mounts.reduce((sum, m) => sum + m.used, 0));
    return { value: { mounts, ...(used === undefined ? {} : { used }) }, problems };
  },
};

const isRow = (text: string): boolean => text.length < 1_000 && ROW.test(text);

function unitOf(header: string | undefined): number {
  if (header === '512-blocks') return 512;
  if (header === '1MB-blocks') return 1e6;
  return readSize(/^1([BKMG])-/.exec(header ?? '') ? header?.slice(0, 2) : '1K') ?? 1024;
}
