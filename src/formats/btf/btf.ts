import type { Parsed } from '../../base/errors.ts';
import type { TypeGraph } from '../../base/type-graph.ts';
import { indexConstants } from './constant-index.ts';
import { decodeNode, enumNumber, type NodeContext } from './decode-node.ts';
import { readBtfSections } from './header.ts';
import { KIND, kindOf } from './kinds.ts';
import { foundAs, indexNames, NAMED } from './name-index.ts';
import { indexRecords } from './record-index.ts';
import { openStringTable, type StringTable } from './string-table.ts';

/** Types of a kernel, or of a module on top of it; the kernel keeps what pahole wrote. Ids run from 0 to `count` - 1. */
export interface BtfGraph extends TypeGraph {
  /** Names, those of the base included. */
  readonly strings: StringTable;
  /** Width and offset in bits, for an int that is narrower than its storage. */
  narrowInt(id: number): { readonly bits: number; readonly offset: number } | undefined;
}

/**
 * Opens BTF (Documentation/bpf/btf.rst), with an index only. With `base`, ids and string offsets go on from those of the
 * base. Throws FormatError where it is none; cut or unknown records are problems.
 */
export function openBtf(bytes: Uint8Array, source: string, base?: BtfGraph): Parsed<BtfGraph> {
  const sections = readBtfSections(bytes, source);
  const { types } = sections;
  // Void is number 0, and in no file.
  const firstId = base?.count ?? 1;
  const records = indexRecords(sections, firstId, source);
  const { starts, enums, enumsTellSign } = records;
  const strings = openStringTable(sections.strings, base?.strings);
  const typeNames = once(() => indexNames('types', types, starts, strings));
  const functionNames = once(() => indexNames('functions', types, starts, strings));
  const ownStart = (id: number): number | undefined => starts[id - firstId];
  const constants = once(() => {
    const own = Array.from(enums, (id) => ownStart(id) ?? 0);
    return indexConstants(types, own, strings);
  });

  const narrowInt = (id: number): { readonly bits: number; readonly offset: number } | undefined => {
    const at = ownStart(id);
    if (at === undefined) return base?.narrowInt(id);
    if (kindOf(types[at + 1] ?? 0) !== KIND.int) return undefined;
    const encoded = types[at + 3] ?? 0;
    const bits = encoded & 0xff;
    const offset = (encoded >>> 16) & 0xff;
    return bits === (types[at + 2] ?? 0) * 8 && offset === 0 ? undefined : { bits, offset };
  };
  const context: NodeContext = { types, strings, enumsTellSign, narrowInt };

  const graph: BtfGraph = {
    source,
    count: firstId + starts.length,
    strings,
    narrowInt,
    node(id) {
      if (id === 0) return { kind: 'void' };
      const at = ownStart(id);
      return at === undefined ? (base?.node(id) ?? { kind: 'other' }) : decodeNode(context, at);
    },
    find(kind, name) {
      const position = (kind === 'function' ? functionNames : typeNames)().find(kind, name);
      return position === undefined ? base?.find(kind, name) : firstId + position;
    },
    *all(kind) {
      for (let i = 0; i < starts.length; i++) {
        if (foundAs(types[(starts[i] ?? 0) + 1] ?? 0) === NAMED[kind]) yield firstId + i;
      }
      if (base) yield* base.all(kind);
    },
    constant(name) {
      const found = constants()(name);
      if (found) return enumNumber(types, found.at, found.i, enumsTellSign);
      return base?.constant(name);
    },
  };
  const problems = [...sections.problems, ...records.problems];
  if (!base && sections.strings[0] !== 0 && sections.strings.length > 0) {
    // Only the first of all strings is the empty one: those of a module go on behind the kernel's.
    const problem = 'are the types of a module, which mean nothing without those of its kernel';
    problems.push({ problem, at: { kind: 'bytes', file: source, offset: 0, length: bytes.length } });
  }
  return { value: graph, problems };
}

/** Made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
