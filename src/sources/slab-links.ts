import type { Chunks } from './chunks.ts';

/** The kernel has a few hundred; more are no /sys. */
const MOST = 20_000;
const FOLDER = /(?:^|\/)sys\/kernel\/slab$/;

/**
 * Collects the links of a copied /sys/kernel/slab, whose targets say which caches were merged, and hands them out as a
 * text of `name -> target` lines in the folder's name.
 */
export class SlabLinks {
  readonly #folders = new Map<string, string[]>();
  #count = 0;

  /** Takes the link if it is one of them. */
  add(path: string, target: string): void {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    if (slash < 0 || !FOLDER.test(folder) || /[\n\r]/.test(target) || ++this.#count > MOST) return;
    const lines = this.#folders.get(folder) ?? [];
    lines.push(`${path.slice(slash + 1)} -> ${target.slice(0, 4096)}\n`);
    this.#folders.set(folder, lines);
  }

  *files(): Generator<{ readonly path: string; readonly chunks: Chunks }> {
    for (const [path, lines] of this.#folders) yield { path, chunks: oneChunk(lines.join('')) };
  }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
