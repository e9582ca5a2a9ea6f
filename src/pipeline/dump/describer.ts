import { describeGroup, type GroupDescription } from '../../analysis/typing/describe-group.ts';
import { isShared } from '../../analysis/clustering/word-codes.ts';
import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { CodeOwner } from '../../model/dump-facts.ts';
import { codeOwner } from './lost-things.ts';

/** Tells what reachable objects are by their content. */
export class Describer {
  readonly #tools: TypingTools;

  constructor(tools: TypingTools) {
    this.#tools = tools;
  }

  /** Objects by number, all of one cache. */
  group(cache: number, objects: readonly number[]): GroupDescription {
    return describeGroup(this.#tools, { cache, lost: [], reached: objects });
  }

  /** A single slab object; undefined for other nodes. */
  object(node: number): GroupDescription | undefined {
    const { table } = this.#tools.reader.space;
    return node < table.objects ? this.group(table.cacheOf(node), [node]) : undefined;
  }

  /**
   * `struct seq_operations`, where the content leaves no other. What a module holds of caches that anyone takes from is mostly
   * of a type of its own: one of the kernel's has to be told by a function or a table.
   */
  typeOf(cache: number, description: GroupDescription | undefined, isModules: boolean): string | undefined {
    const [best] = description?.type.state === 'exact' ? description.type.candidates : [];
    if (!description || !best) return undefined;
    const name = this.#tools.world.heap.caches[cache]?.name ?? '';
    const isKernels = this.#tools.isKernels(best.type);
    const isTold = description.fields.some(({ symbol }) => symbol !== undefined);
    return isModules && isShared(name) && isKernels && !isTold ? undefined : `struct ${best.type.name}`;
  }
}

/** Whose code the first of them names that name a module's, else the first that name any. */
export function ownerOf(descriptions: readonly (GroupDescription | undefined)[]): CodeOwner | undefined {
  const owners = descriptions.flatMap((description) => (description?.owner ? [codeOwner(description.owner)] : []));
  return owners.find(({ module, gone }) => module !== undefined || gone) ?? owners[0];
}
