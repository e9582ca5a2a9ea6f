import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, pages, type Pages } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';

/** Sockets of one network namespace; TCP's memory is the whole machine's. */
export interface Sockstat {
  readonly used?: { readonly count: number; readonly at: Provenance };
  readonly tcpMemory?: { readonly pages: Pages; readonly at: Provenance };
}

const USED = /^\s*sockets: used (\d+)\s*$/;
const TCP = /^\s*TCP: inuse \d+ orphan \d+ tw \d+ alloc \d+ mem (\d+)\s*$/;
const ROW = /^\s*(sockets|(?:TCP|UDP|UDPLITE|RAW|FRAG)6?): (?:used|inuse)(?:\s|$)/;
const WANTED = /^\s*(?:sockets: used|TCP: )/;
const rowName = (text: string): string | undefined => ROW.exec(text)?.[1];

/**
 * `/proc/net/sockstat` (and sockstat6 behind it).
 *
 * Written by net/ipv4/proc.c, sockstat_seq_show(). TCP's and UDP's `mem` are pages, FRAG's `memory` is bytes.
 */
export const sockstat: TextFormat<'sockstat', Sockstat> = {
  kind: 'sockstat',
  looksFor: '"sockets: used 16", or "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 83"',
  many: false,

  claim(lines, at) {
    return ROW.test(lines[at]?.text ?? '') ? claimUnrepeated(lines, at, rowName, 1) : 0;
  },

  parse(lines, file): Parsed<Sockstat> {
    const problems: Problem[] = [];
    let value: Sockstat = {};
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const used = USED.exec(text)?.[1];
      const memory = TCP.exec(text)?.[1];
      if (used !== undefined && isQuantity(Number(used))) value = { ...value, used: { count: Number(used), at } };
      else if (memory !== undefined && isQuantity(Number(memory)))
        value = { ...value, tcpMemory: { pages: pages(Number(memory)), at } };
      else if (WANTED.test(text)) problems.push({ problem: 'sockstat: unreadable line', at });
    }
    return { value, problems };
  },
};
