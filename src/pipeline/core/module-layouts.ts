import { FormatError } from '../../base/errors.ts';
import type { TypeGraph } from '../../base/type-graph.ts';
import { openBtf, type BtfGraph } from '../../formats/btf/btf.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { moduleTypes } from '../../model/kernel/module-types.ts';
import { Layouts } from '../../model/layouts/layouts.ts';

/** A vmlinux and all of its modules have some 60 MB of BTF. */
const MOST_BYTES = 2 ** 28;

/** The kernel with the types of its modules behind its own, as far as they can be read. */
export function withModuleTypes(kernel: Kernel): Kernel {
  const [base, ...others] = kernel.layouts.graphs;
  if (!base || !isBtf(base) || others.length > 0) return kernel;
  const graphs: TypeGraph[] = [];
  let bytes = 0;
  for (const { module, address, size } of moduleTypes(kernel).value) {
    bytes += size;
    if (bytes > MOST_BYTES) break;
    const graph = open(kernel, base, module, address, size);
    if (graph) graphs.push(graph);
  }
  return graphs.length === 0 ? kernel : { ...kernel, layouts: new Layouts([base, ...graphs]) };
}

const isBtf = (graph: TypeGraph): graph is BtfGraph => 'strings' in graph && 'narrowInt' in graph;

function open(kernel: Kernel, base: BtfGraph, module: string, address: bigint, size: number): TypeGraph | undefined {
  const content = kernel.memory.tryRead(address, size);
  if (!content) return undefined;
  try {
    return openBtf(content, `BTF of the module ${module}`, base).value;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return undefined;
  }
}
