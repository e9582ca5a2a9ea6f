import { dentryPath } from '../../model/kernel/dentry-path.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { FileSystems } from './file-systems.ts';

/** Pages of the files of one kind of file system. */
export interface PinnedSystem {
  readonly fileSystem: string;
  readonly pages: number;
  readonly files: number;
  /** Cgroups that they are charged to. */
  readonly cgroups: number;
}

export interface PinnedFile {
  readonly fileSystem: string;
  /** Inside of its file system; absent where no name leads to it any more. Escape before showing. */
  readonly path?: string;
  readonly inode: bigint;
  readonly pages: number;
}

const MOST_FILES = 12;
/** Files that are told apart. Pages of others count under no file system. */
const MOST_MAPPINGS = 1_000_000;
/** The lowest bits of `mapping` are flags. */
const FLAGS = 3n;

interface Tally {
  pages: number;
  readonly groups: Set<number>;
}

/** Pages of files by their struct address_space. */
export class PinnedFiles {
  readonly #kernel: Kernel;
  readonly #mappings = new Map<bigint, Tally>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** `mapping`: as it stands in struct page; `group`: whom the page is charged to. */
  add(mapping: bigint, group: number): void {
    const address = mapping & ~FLAGS;
    let tally = this.#mappings.get(address);
    if (!tally) {
      if (this.#mappings.size >= MOST_MAPPINGS) return;
      this.#mappings.set(address, (tally = { pages: 0, groups: new Set() }));
    }
    tally.pages++;
    tally.groups.add(group);
  }

  finish(): { readonly systems: readonly PinnedSystem[]; readonly files: readonly PinnedFile[] } {
    const systems = new FileSystems(this.#kernel);
    const { memory, layouts } = this.#kernel;
    const host = layouts.member('address_space', 'host')?.offset;
    const sb = layouts.member('inode', 'i_sb')?.offset;
    const sums = new Map<string, { pages: number; files: number; groups: Set<number> }>();
    const files: { readonly fileSystem: string; readonly inode: bigint; readonly pages: number }[] = [];
    for (const [mapping, { pages, groups }] of this.#mappings) {
      const inode = host === undefined ? undefined : ifThere(() => memory.u64(mapping + BigInt(host)));
      const block = inode === undefined || sb === undefined ? undefined : ifThere(() => memory.u64(inode + BigInt(sb)));
      const fileSystem = block === undefined ? '' : systems.at(block).name;
      const sum = sums.get(fileSystem) ?? { pages: 0, files: 0, groups: new Set<number>() };
      sum.pages += pages;
      sum.files++;
      for (const group of groups) sum.groups.add(group);
      sums.set(fileSystem, sum);
      if (inode !== undefined) files.push({ fileSystem, inode, pages });
    }
    const largest = files.toSorted((a, b) => b.pages - a.pages).slice(0, MOST_FILES);
    return {
      systems: [...sums]
        .map(([fileSystem, { pages, files: count, groups }]) => ({
          fileSystem,
          pages,
          files: count,
          cgroups: groups.size,
        }))
        .toSorted((a, b) => b.pages - a.pages),
      files: largest.map((file) => {
        const path = ifThere(() => this.#pathOf(file.inode));
        return path === undefined ? file : { ...file, path };
      }),
    };
  }

  /** By the first of its names. */
  #pathOf(inode: bigint): string | undefined {
    const { memory, layouts } = this.#kernel;
    const alias = layouts.firstOf('dentry', ['d_u.d_alias', 'd_alias'])?.offset;
    const first = viewStruct(memory, layouts, 'inode', inode).pointer('i_dentry.first');
    return alias === undefined || first === 0n ? undefined : dentryPath(this.#kernel, first - BigInt(alias));
  }
}
