import type { Kernel } from '../../model/kernel/kernel.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';

export interface FileSystem {
  /** Of its type, such as tmpfs; empty where that cannot be read. */
  readonly name: string;
  /** Its root dentry. */
  readonly root: bigint;
}

/** What a super_block is, remembered: there are few of them and many dentries. */
export class FileSystems {
  readonly #kernel: Kernel;
  readonly #known = new Map<bigint, FileSystem>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  at(sb: bigint): FileSystem {
    const known = this.#known.get(sb);
    if (known) return known;
    const { memory, layouts } = this.#kernel;
    const found = ifThere(() => {
      const view = viewStruct(memory, layouts, 'super_block', sb);
      return { name: view.follow('s_type')?.text('name') ?? '', root: view.pointer('s_root') };
    });
    const system = found ?? { name: '', root: 0n };
    this.#known.set(sb, system);
    return system;
  }
}
