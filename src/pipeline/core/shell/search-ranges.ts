import type { AddressRange } from '../../../model/kernel/vmalloc-space.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { vmallocSpace } from '../../../model/kernel/vmalloc-space.ts';
import { InputError } from '../../../sources/input-error.ts';
import type { CoreSession } from '../session.ts';
import { evaluate } from './expression.ts';
import type { Options } from './options.ts';

/** A stretch of physical memory, in bytes, and the address that it is known by. */
export interface Range {
  readonly physical: number;
  readonly length: number;
  readonly address: bigint;
}

/** What `search` looks through. Throws InputError. */
export function rangesOf({ kernel }: CoreSession, options: Options): Iterable<Range> {
  const limits = limitsOf(kernel, options);
  const { physical } = kernel.memory;
  const end = physical.endFrame * physical.pageSize;
  if (options.has('p')) return cut([{ physical: 0, length: end, address: 0n }], limits);
  if (options.has('v') || options.has('V')) {
    const { vmalloc, modules } = vmallocSpace(kernel);
    return cut(mapped(kernel, [...vmalloc, ...modules]), limits);
  }
  if (limits.from !== undefined) return mapped(kernel, [{ from: limits.from, to: limits.to ?? 2n ** 64n }]);
  const { directMap } = kernel;
  if (!directMap)
    throw new InputError('search', 'the direct map of memory was not found', 'search -p looks by physical addresses');
  const [first, size] = [directMap.physical, Number(directMap.size)];
  return cut(
    aroundImage(kernel, { physical: first, length: Math.min(size, end - first), address: directMap.virtual }),
    limits,
  );
}

interface Limits {
  readonly from?: bigint;
  readonly to?: bigint;
}

function limitsOf(kernel: Kernel, options: Options): Limits {
  const at = (name: string): bigint | undefined => {
    const text = options.value(name);
    return text === undefined ? undefined : evaluate(kernel, 'search', text, 'address');
  };
  const [from, end, length] = [at('s'), at('e'), at('l')];
  const to = length === undefined ? end : (from ?? 0n) + length;
  if (to !== undefined && to <= (from ?? 0n))
    throw new InputError('search', 'the end is not behind the start', 'see help search');
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function* cut(ranges: Iterable<Range>, { from = 0n, to = 2n ** 64n }: Limits): Generator<Range> {
  for (const { physical, length, address } of ranges) {
    const skip = from > address ? from - address : 0n;
    const rest = (to < address + BigInt(length) ? to - address : BigInt(length)) - skip;
    if (rest > 0n) yield { physical: physical + Number(skip), length: Number(rest), address: address + skip };
  }
}

/** Memory by the direct map, but that of the image by the addresses of its symbols. */
function* aroundImage(kernel: Kernel, whole: Range): Generator<Range> {
  const [text, end] = [kernel.symbols.find('_text') ?? kernel.symbols.find('_stext'), kernel.symbols.find('_end')];
  const start = text === undefined ? undefined : kernel.memory.translate(text);
  if (text === undefined || end === undefined || start === undefined || end <= text) return yield whole;
  const length = Number(end - text);
  yield { ...whole, length: start - whole.physical };
  yield { physical: start, length, address: text };
  const skipped = start + length - whole.physical;
  yield { physical: start + length, length: whole.length - skipped, address: whole.address + BigInt(skipped) };
}

/** What the page tables map there, neighbours joined. */
function* mapped({ memory }: Kernel, spaces: readonly AddressRange[]): Generator<Range> {
  for (const { from, to } of spaces) {
    let open: Range | undefined;
    for (const { virtual, physical, size } of memory.tables.mappings(from, to)) {
      const length = open?.length ?? 0;
      if (open && open.address + BigInt(length) === virtual && open.physical + length === physical) {
        open = { ...open, length: length + size };
        continue;
      }
      if (open) yield* cut([open], { from, to });
      open = { physical, length: size, address: virtual };
    }
    if (open) yield* cut([open], { from, to });
  }
}
