import type { CoreSession } from '../core/session.ts';

/** So many first words of a block tell what it holds. */
const WORDS = 8;
/** Blocks that are looked at to say what most begin with, and among which those like them are looked for. */
const MOST_LOOKED = 200;
const MOST_COMPARED = 20_000;
/** So many of a sample have to begin alike. */
const SHARE = 0.5;
const KERNEL_HALF = 0xff000000;

/** What most lost blocks begin with, and the blocks of the same size that begin so and are still known. */
export interface AlikePages {
  /** The first bytes, as text or in hexadecimal. */
  readonly begins: string;
  readonly nodes: readonly number[];
}

/** Undefined where they have nothing in common, or begin with zeros, as unused pages do. */
export function alikePages(
  session: CoreSession,
  lost: readonly number[],
  known: readonly number[],
): AlikePages | undefined {
  const { kernel, reachability } = session;
  const { space } = reachability;
  const bytes = new Uint8Array(WORDS * 8);
  const beginOf = (node: number): string | undefined => {
    const frame = space.extras[node - space.table.objects]?.frame;
    if (frame === undefined || kernel.memory.physical.read(frame * space.pageSize, bytes).length > 0) return undefined;
    return codeOf(bytes);
  };
  const step = Math.max(1, Math.floor(lost.length / MOST_LOOKED));
  const looked = lost.filter((_, i) => i % step === 0);
  const counts = new Map<string, { count: number; bytes: Uint8Array }>();
  for (const node of looked) {
    const code = beginOf(node);
    if (code === undefined) continue;
    const counted = counts.get(code);
    if (counted) counted.count++;
    else counts.set(code, { count: 1, bytes: bytes.slice() });
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b.count - a.count);
  if (!most || most[1].count < looked.length * SHARE || most[1].bytes.every((byte) => byte === 0)) return undefined;
  return {
    begins: spellBegin(most[1].bytes),
    nodes: known.slice(0, MOST_COMPARED).filter((node) => beginOf(node) === most[0]),
  };
}

/** Word by word; addresses differ where everything else is alike, and stand for each other. */
function codeOf(bytes: Uint8Array): string {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS * 2);
  let code = '';
  for (let i = 0; i < words.length; i += 2) {
    const [low = 0, high = 0] = [words[i], words[i + 1]];
    code += high >= KERNEL_HALF ? 'p ' : `${high.toString(16)}:${low.toString(16)} `;
  }
  return code;
}

function spellBegin(bytes: Uint8Array): string {
  const text = [...bytes.subarray(0, 24)];
  if (text.every((byte) => byte >= 0x20 && byte < 0x7f)) return String.fromCodePoint(...text);
  return [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
