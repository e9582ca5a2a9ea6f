import { FormatError, type Parsed } from '../../base/errors.ts';
import type { SymbolColumns } from '../symbols/symbol-columns.ts';
import type { KnownSymbol } from './choose-addresses.ts';
import { alignUp, findTokens, type ImageRange, type TokenPlaces } from './find-tokens.ts';
import { decodeKallsyms } from './kallsyms.ts';
import { findMarkers, type Markers } from './markers.ts';
import { readWindow, viewOf, type ReadMemory } from './memory-window.ts';
import { BLOCK, isBlock } from './names.ts';
import type { KallsymsPlaces } from './places.ts';
import { TOKEN_INDEX_BYTES } from './tokens.ts';

/** Names, markers and sequence numbers of half a million symbols. */
const LONGEST_NAMES = 16 * 2 ** 20;
/** A run of so many markers is no accident; the smallest kernels have more. */
const FEWEST_MARKERS = 12;
/** A block of 256 names, at most. */
const LARGEST_BLOCK = 128 * BLOCK;

/** Read-only data follows the text; even in kernels with everything built in, both end before that. */
const IMAGE_BYTES = 96 * 2 ** 20;

/** The stretch in which a kernel whose text begins at `stext` has its tables. */
export const imageFrom = (stext: bigint): ImageRange => ({ start: alignDown(stext, 2 ** 21), size: IMAGE_BYTES });

/**
 * The kernel's symbols where nothing says where they are: before 6.0 VMCOREINFO does not. Looks through the image for the
 * token tables, for the markers and names before them, and for the addresses, which stand before the names or, since 6.4
 * (404bad70fcf7), behind the token index. Undefined where the image has none, or where
 * `known` symbols disprove them; see chooseAddresses for none known. `read` must bear
 * addresses of the image that are not mapped. Costs a look at every page up to the tables, which lie in the read-only data.
 */
export function findKallsyms(
  read: ReadMemory,
  image: ImageRange,
  known: readonly KnownSymbol[],
): Parsed<SymbolColumns> | undefined {
  for (const tokens of findTokens(read, image)) {
    for (const places of placesBefore(read, image, tokens)) {
      const found = tryPlaces(read, places, known);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function tryPlaces(
  read: ReadMemory,
  places: KallsymsPlaces,
  known: readonly KnownSymbol[],
): Parsed<SymbolColumns> | undefined {
  try {
    return decodeKallsyms(read, places, known);
  } catch (cause) {
    if (cause instanceof FormatError) return undefined;
    throw cause;
  }
}

/** Every place where the other tables may be, given the tokens. */
function* placesBefore(read: ReadMemory, image: ImageRange, tokens: TokenPlaces): Generator<KallsymsPlaces> {
  const { tokenTable, tokenIndex, alignment } = tokens;
  const length = Math.min(LONGEST_NAMES, Number(tokenTable - image.start));
  const { address, bytes } = readWindow(read, tokenTable - BigInt(length), length);
  const markers = findMarkers(viewOf(bytes), FEWEST_MARKERS);
  if (markers === undefined) return;
  for (const { offset, count } of namesBefore(bytes, markers, alignment)) {
    const names = address + BigInt(offset);
    const numSyms = names - BigInt(alignment);
    const behind = alignUp(tokenIndex + BigInt(TOKEN_INDEX_BYTES), alignment);
    const relativeBase = numSyms - BigInt(alignment);
    const common = { names, numSyms, tokenTable, tokenIndex };
    yield { ...common, offsets: alignDown(relativeBase - BigInt(4 * count), alignment), relativeBase };
    yield { ...common, offsets: behind, relativeBase: alignUp(behind + BigInt(4 * count), alignment) };
    yield { ...common, addresses: alignDown(numSyms - BigInt(8 * count), alignment) };
    yield { ...common, addresses: behind };
  }
}

/**
 * Where the names may begin: at a multiple of the alignment, right behind a number of symbols that the markers allow, and
 * with a first block that ends where the second marker says.
 */
function* namesBefore(
  bytes: Uint8Array,
  { offset: end, values }: Markers,
  alignment: number,
): Generator<{ readonly offset: number; readonly count: number }> {
  const view = viewOf(bytes);
  const last = end - (values.at(-1) ?? 0);
  // What follows the markers may pass for one more, so that the last or the one before it is the last.
  const first = Math.max(alignment, last - LARGEST_BLOCK - alignment);
  for (let offset = first + ((end - first) % alignment); offset <= end - (values.at(-2) ?? 0); offset += alignment) {
    const count = view.getUint32(offset - alignment, true);
    if (count <= (values.length - 2) * BLOCK || count > values.length * BLOCK) continue;
    if (isBlock(bytes, offset, offset + (values[1] ?? 0))) yield { offset, count };
  }
}

const alignDown = (address: bigint, alignment: number): bigint => address & ~BigInt(alignment - 1);
