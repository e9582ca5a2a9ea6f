import type { CoreWhatis } from '../../findings/core/core-address.ts';
import type { CoreLead, CoreView, CoreViewRow } from '../../findings/core/core-view.ts';
import type { CoreStruct } from '../../findings/core/core-struct.ts';
import { PAGE_USES } from '../../findings/core/page-uses.ts';
import { FormatError } from '../../base/errors.ts';
import { MemoryFault } from '../../model/memory/memory-fault.ts';
import { InputError } from '../../sources/input-error.ts';
import { parseAddress, spell } from './addresses.ts';
import { coreWhatis } from './look-up.ts';
import { withModuleTypes } from './module-layouts.ts';
import type { CoreSession } from './session.ts';
import { coreStruct } from './struct.ts';

const ROW = 16;
const MOST_BYTES = 4096;
const USUAL_BYTES = 512;
/** Numbers below are no addresses of a kernel. */
const LOWEST = 0xff00_0000_0000_0000n;

/**
 * A stretch of memory with what each number leads to. `bytes` as many as people asked for, else the object, else 512. Throws
 * InputError for no address.
 */
export function coreView(session: CoreSession, text: string, bytes?: number, type?: string): CoreView {
  const { kernel } = session;
  const asked = parseAddress(kernel, text);
  const at = coreWhatis(session, spell(asked));
  const { object, objectSize = 0 } = at.slab ?? {};
  const start = object === undefined || bytes !== undefined ? asked - (asked % 16n) : BigInt(`0x${object}`);
  const wanted = bytes ?? (object === undefined ? USUAL_BYTES : objectSize);
  const count = Math.min(MOST_BYTES, Math.max(ROW, Math.ceil(wanted / ROW) * ROW));
  const leads = new Leads(session);
  return {
    at,
    from: spell(start),
    bytes: count,
    rows: Array.from({ length: count / ROW }, (_, i) => rowAt(session, leads, start, i * ROW)),
    ...(type === undefined ? {} : structAt(session, type, object ?? spell(asked))),
  };
}

function structAt(session: CoreSession, type: string, address: string): Pick<CoreView, 'struct' | 'structProblem'> {
  try {
    const struct: CoreStruct = coreStruct(withModuleTypes(session.kernel), type.replace(/^struct /, ''), address);
    return { struct };
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof MemoryFault || cause instanceof FormatError)
      return { structProblem: cause.message };
    throw cause;
  }
}

function rowAt({ kernel }: CoreSession, leads: Leads, start: bigint, offset: number): CoreViewRow {
  const from = start + BigInt(offset);
  const address = spell(from);
  try {
    const bytes = kernel.memory.read(from, ROW);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const words = [0, 8].map((within) => {
      const value = view.getBigUint64(within, true);
      const lead = leads.of(value);
      return { address: spell(from + BigInt(within)), value: spell(value), ...(lead ? { leads: lead } : {}) };
    });
    return { address, offset, bytes: Buffer.from(bytes).toString('hex'), words };
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return { address, offset, missing: cause.message.replace(/^\S+ /, ''), words: [] };
  }
}

/** Says of numbers where they lead; the same number is looked up once. */
class Leads {
  readonly #session: CoreSession;
  readonly #known = new Map<bigint, CoreLead | undefined>();

  constructor(session: CoreSession) {
    this.#session = session;
  }

  of(value: bigint): CoreLead | undefined {
    if (value < LOWEST || value >= 0xffff_ffff_ffff_f000n) return undefined;
    if (!this.#known.has(value)) this.#known.set(value, leadOf(coreWhatis(this.#session, spell(value))));
    return this.#known.get(value);
  }
}

function leadOf({ symbol, slab, page }: CoreWhatis): CoreLead | undefined {
  if (slab?.object !== undefined)
    return {
      kind: 'object',
      cache: slab.cache,
      object: slab.object,
      offset: slab.offset ?? 0,
      state: slab.state ?? 'unknown',
    };
  if (symbol !== undefined) return { kind: 'symbol', symbol };
  if (page === undefined) return undefined;
  if (page.describes !== undefined) return { kind: 'page', use: `struct page of frame ${page.describes}` };
  return { kind: 'page', use: PAGE_USES[page.use] ?? page.use };
}
