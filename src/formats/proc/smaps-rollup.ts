import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';
import { FIELD, MAPPING, readSmapsFields, type SmapsAmounts } from './smaps-fields.ts';

/** What all mappings of one process hold together, as the kernel adds it up. */
export interface SmapsRollup {
  /** From the heading before it, where there is one. */
  readonly pid?: number;
  readonly amounts: SmapsAmounts;
  readonly at: Provenance;
}

/** As head and tail write it before each of several files; the file itself does not say whose it is. */
const HEADING = /^\s*==> \/proc\/(\d{1,10})\/smaps_rollup <==\s*$/;
const isHeader = (text: string): boolean => text.includes('[rollup]') && MAPPING.test(text);
const fieldName = (text: string): string | undefined => FIELD.exec(text)?.[1];
/** Fields that smaps lacks; without the header they tell the two apart. Since 5.3 (Pss_Dirty: both). */
const OWN = /^\s*Pss_(?:Anon|File|Shmem):/;

/**
 * `/proc/PID/smaps_rollup`, with or without its `[rollup]` line.
 *
 * Written by fs/proc/task_mmu.c, show_smaps_rollup(), since 4.14.
 */
export const smapsRollup: TextFormat<'smaps_rollup', SmapsRollup> = {
  kind: 'smaps_rollup',
  looksFor: 'a line ending in "[rollup]" with "Rss: 1820 kB" and "Pss: 1112 kB" below it',
  many: true,

  claim(lines, at) {
    const heading = HEADING.test(lines[at]?.text ?? '') ? 1 : 0;
    const first = lines[at + heading]?.text ?? '';
    const head = heading + (isHeader(first) ? 1 : 0);
    if (head === heading && !(/^\s*Rss:/.test(first) && isOwn(lines, at + heading))) return 0;
    const fields = claimUnrepeated(lines, at + head, fieldName, 1);
    return fields > 0 ? head + fields : 0;
  },

  parse(lines, file): Parsed<SmapsRollup> {
    const { amounts, problems } = readSmapsFields('smaps_rollup', lines, file);
    const pid = HEADING.exec(lines[0]?.text ?? '')?.[1];
    const whose = pid === undefined ? {} : { pid: Number(pid) };
    return { value: { ...whose, amounts, at: { kind: 'line', file, line: lines[0]?.number ?? 1 } }, problems };
  },
};

function isOwn(lines: readonly TextLine[], at: number): boolean {
  return lines.slice(at + 1, at + 5).some(({ text }) => OWN.test(text));
}
