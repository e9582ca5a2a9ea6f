import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';

/** One amount of one NUMA node. */
export interface NodeAmount {
  readonly node: number;
  /** Meminfo's name where meminfo has the same; `MemUsed` and `FilePages` are the nodes' own. */
  readonly name: string;
  readonly bytes: Bytes;
  readonly at: Provenance;
}

/** `grep` puts the file's name before a row. */
const ROW = /^\s*(?:\/\S{1,200}:)?Node\s+(\d+)\s+([A-Z][A-Za-z_]+(?:\((?:anon|file)\))?):\s+(\d+)( kB)?\s*$/;
const TORN = /^\s*(?:\/\S{1,200}:)?Node\s+\d+\s+[A-Z]/;

/**
 * `/sys/devices/system/node/nodeN/meminfo`, of one node or of several one after another.
 *
 * Written by drivers/base/node.c, node_read_meminfo(). `FilePages` counts the swap cache and Buffers too, which
 * meminfo's `Cached` does not.
 */
export const nodeMeminfo: TextFormat<'node-meminfo', readonly NodeAmount[]> = {
  kind: 'node-meminfo',
  looksFor: 'lines such as "Node 0 MemTotal:  16393164 kB"',
  many: true,

  claim(lines, at) {
    return ROW.test(lines[at]?.text ?? '') ? claimUnrepeated(lines, at, rowKey, 2) : 0;
  },

  parse(lines, file): Parsed<readonly NodeAmount[]> {
    const amounts: NodeAmount[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, node, name = '', digits, unit] = ROW.exec(text) ?? [];
      const readable = node !== undefined && isQuantity(Number(node)) && isQuantity(Number(digits) * 1024);
      if (readable && unit !== undefined)
        amounts.push({ node: Number(node), name, bytes: kibibytes(Number(digits)), at });
      else if (readable ? !name.startsWith('HugePages_') : TORN.test(text))
        problems.push({ problem: 'node-meminfo: unreadable line', at });
    }
    return { value: amounts, problems };
  },
};

function rowKey(text: string): string | undefined {
  const [, node, name] = ROW.exec(text) ?? [];
  return node === undefined ? undefined : `${node} ${name}`;
}
