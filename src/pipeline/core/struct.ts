import type { CoreLayout, CoreMember, CoreStruct, CoreValue } from '../../findings/core/core-struct.ts';
import { type Decoded, type DecodedMember, decodeStruct } from '../../model/layouts/decode.ts';
import { describeLayout } from '../../model/layouts/describe-layout.ts';
import { LayoutError } from '../../model/layouts/layout-error.ts';
import { parseStructQuery } from '../../model/layouts/struct-query.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { StructLayout } from '../../model/layouts/struct-layout.ts';
import { InputError } from '../../sources/input-error.ts';
import { parseAddress, spell } from './addresses.ts';

interface Asked {
  readonly struct: StructLayout;
  readonly paths: readonly string[];
}

/**
 * `text` as crash users write it: `kmem_cache`, `struct page.flags`, `task_struct.comm,pid`. Throws InputError for a struct
 * or member that the types do not have, MemoryFault where the dump has nothing of it.
 */
export function coreStruct(kernel: Kernel, text: string, where: string): CoreStruct {
  const { struct, paths } = ask(kernel, text);
  const address = parseAddress(kernel, where);
  const symbol = (of: bigint): string | undefined => kernel.symbols.spell(of);
  const { type, size, members } = explained(kernel, () =>
    decodeStruct(kernel.memory, kernel.layouts, struct, address, { paths, symbol }),
  );
  return { type, address: spell(address), size, members: members.map(memberOf) };
}

/** How a struct is laid out. Throws InputError for a struct or member that the types do not have. */
export function coreLayout(kernel: Kernel, text: string): CoreLayout {
  const { struct, paths } = ask(kernel, text);
  const named = kernel.layouts.type(struct.name) ?? struct.type;
  return explained(kernel, () => describeLayout(struct, named, paths));
}

function ask({ file, layouts }: Kernel, text: string): Asked {
  const query = parseStructQuery(text);
  const struct = query && layouts.struct(query.type);
  if (query && struct) return { struct, paths: query.paths };
  if (layouts.graphs.length > 0)
    throw new InputError(file, `its types have no struct ${text}`, 'is it spelled as in C?');
  throw new InputError(file, 'holds no types', 'give --symbols with the vmlinux of this kernel');
}

function explained<T>({ file }: Kernel, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw new InputError(file, cause.message, 'kleak core struct without an address lists the members', { cause });
  }
}

const memberOf = ({ value, ...member }: DecodedMember): CoreMember => ({ ...member, value: valueOf(value) });

const exact = (value: bigint): number | string =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value.toString();

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function valueOf(decoded: Decoded): CoreValue {
  switch (decoded.kind) {
    case 'number':
    case 'enum':
      return { ...decoded, value: exact(decoded.value) };
    case 'pointer':
    case 'place':
      return { ...decoded, value: spell(decoded.value) };
    case 'struct':
      return { kind: 'struct', members: decoded.members.map(memberOf) };
    case 'array':
      return {
        kind: 'array',
        count: decoded.count,
        elements: decoded.elements.map(({ times, value }) =>
          times === 1 ? { value: valueOf(value) } : { times, value: valueOf(value) },
        ),
      };
    case 'bytes':
      return { kind: 'bytes', bytes: hex(decoded.bytes) };
    case 'bool':
    case 'text':
    case 'unreadable':
      return decoded;
  }
}
