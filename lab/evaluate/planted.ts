import { NOTHING, nodeAtWord } from '../../src/analysis/reachability/node-space.ts';
import { NO_AREA, percpuAreaAt } from '../../src/analysis/reachability/percpu-space.ts';
import { ifThere } from '../../src/model/memory/memory-fault.ts';
import type { CoreSession } from '../../src/pipeline/core/session.ts';
import type { Leak } from './guests.ts';

/** Tags of the ledger from here on: objects that are still held, and what only its count tells. */
const LIVE = 0x40;
const COUNTED = 0x20;

/** Objects that a module noted when it planted them. */
export interface Planted {
  readonly leak: Leak;
  readonly role: 'lost' | 'counted' | 'live';
  /** Which part of what was planted: a parent and its children have tags of their own. */
  readonly tag: number;
  readonly addresses: readonly bigint[];
  /** The node of each address; NOTHING where the dump has none there. Behind all nodes come areas of per-CPU memory. */
  readonly nodes: readonly number[];
}

/** Reads a module's ledger out of the dump. Empty where the dump lacks it. */
export function readPlanted(session: CoreSession, leak: Leak): readonly Planted[] {
  const { memory, symbols } = session.kernel;
  const variable = (name: string): bigint | undefined =>
    ifThere(() => memory.u64(symbols.findAll(name).find(({ module }) => module === leak.module)?.address ?? 0n));
  const [array, count] = [variable(leak.ledger), variable(leak.noted)];
  if (array === undefined || count === undefined || count > 100_000_000n) return [];
  const bytes = memory.tryRead(array, Number(count) * 8);
  if (!bytes) return [];
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  const byTag = new Map<number, { addresses: bigint[]; nodes: number[] }>();
  for (let at = 0; at < bytes.length; at += 8) {
    const word = words.getBigUint64(at, true);
    const tag = Number(word >> 56n);
    const address = BigInt.asUintN(64, ~word) | (0xffn << 56n);
    const found = byTag.get(tag) ?? { addresses: [], nodes: [] };
    found.addresses.push(address);
    found.nodes.push(nodeOf(session, Number(address & 0xffffffffn), Number(address >> 32n)));
    byTag.set(tag, found);
  }
  return [...byTag].map(([tag, found]) => ({
    leak,
    tag,
    role: tag >= LIVE ? 'live' : tag >= COUNTED ? 'counted' : 'lost',
    ...found,
  }));
}

function nodeOf({ reachability: { space, percpu } }: CoreSession, low: number, high: number): number {
  const node = nodeAtWord(space, low, high);
  const area = node === NOTHING && percpu ? percpuAreaAt(percpu.space, low, high) : NO_AREA;
  return area === NO_AREA ? node : space.count + area;
}

/** Nodes that are there, each once. */
export const nodesOf = (planted: Planted): readonly number[] =>
  [...new Set(planted.nodes)].filter((n) => n !== NOTHING);
