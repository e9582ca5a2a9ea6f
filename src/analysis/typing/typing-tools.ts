import { WordCodes } from '../clustering/word-codes.ts';
import type { UnreachableInput } from './describe-unreachable.ts';
import type { TypingScope } from './describe-group.ts';
import type { StructType } from './type-catalog.ts';
import { TypeWorld } from './type-world.ts';
import type { SampleReader } from './word-facts.ts';

/** What objects of a dump are told by, for whoever asks; the types are gone through when first asked for. */
export class TypingTools implements TypingScope {
  readonly reader: SampleReader;
  readonly #input: UnreachableInput;
  #world: TypeWorld | undefined;

  constructor(input: UnreachableInput) {
    const { kernel, heap, reachability } = input;
    const codes = new WordCodes(kernel, reachability.space, heap.caches);
    this.reader = { memory: kernel.memory, space: reachability.space, codes };
    this.#input = input;
  }

  get world(): TypeWorld {
    const { kernel, heap, aliasesOf } = this.#input;
    return (this.#world ??= new TypeWorld(kernel, heap, this.reader.codes, aliasesOf));
  }

  /** Whether a struct is the kernel's own, and not a module's. */
  isKernels({ ref }: StructType): boolean {
    return ref.graph === this.#input.kernel.layouts.graphs[0];
  }
}
