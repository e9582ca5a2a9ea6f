import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
import type { SyntaxTable } from '../../formats/c/syntax-table.ts';

/** Tokens that say nothing beside the nodes they stand between. */
const SILENT: ReadonlySet<string> = new Set(['(', ')', '{', '}', '[', ']', ';', ',', 'comment']);

/** Nodes of one piece; beyond it the piece is not C that a person wrote. */
const MOST_NODES = 400_000;
/** The parser asks now and then whether to go on; this many times are some seconds. */
const MOST_ROUNDS = 20_000;

/** tree-sitter with its grammar of C, both from the installed packages. Trees do not leave this file. */
export class CParser {
  readonly #parser: Parser;
  readonly #kinds: readonly string[];
  readonly #silent: Uint8Array;
  readonly #columns = new Columns();

  private constructor(parser: Parser, language: Language) {
    this.#parser = parser;
    this.#kinds = Array.from({ length: language.nodeTypeCount }, (_, id) =>
      id === 0 ? 'ERROR' : (language.nodeTypeForId(id) ?? ''),
    );
    this.#silent = Uint8Array.from(this.#kinds, (kind) => (SILENT.has(kind) ? 1 : 0));
  }

  static async open(): Promise<CParser> {
    const core = fileURLToPath(import.meta.resolve('web-tree-sitter/web-tree-sitter.wasm'));
    await Parser.init({ locateFile: () => core });
    const grammar = fileURLToPath(import.meta.resolve('tree-sitter-c/tree-sitter-c.wasm'));
    const language = await Language.load(readFileSync(grammar));
    const parser = new Parser();
    parser.setLanguage(language);
    return new CParser(parser, language);
  }

  /** Undefined where parsing was given up: the text is too large or too ambiguous. The columns are used again by the next call. */
  parse(text: string): SyntaxTable | undefined {
    let rounds = 0;
    const tree = this.#parser.parse(text, null, { progressCallback: () => ++rounds > MOST_ROUNDS });
    if (tree === null) {
      this.#parser.reset();
      return undefined;
    }
    try {
      return this.#flatten(tree, text);
    } finally {
      tree.delete();
    }
  }

  close(): void {
    this.#parser.delete();
  }

  #flatten(tree: Tree, text: string): SyntaxTable | undefined {
    const cursor = tree.walk();
    const columns = this.#columns;
    columns.clear();
    try {
      if (!this.#walk(cursor, columns)) return undefined;
    } finally {
      cursor.delete();
    }
    return { text, kinds: this.#kinds, ...columns.copy() };
  }

  #walk(cursor: TreeCursor, columns: Columns): boolean {
    const open: number[] = [];
    for (;;) {
      const kind = cursor.nodeTypeId;
      // ERROR has the highest number there is.
      const known = kind < this.#kinds.length ? kind : 0;
      const silent = kind < this.#kinds.length && this.#silent[kind] === 1;
      if (!silent) {
        const at = columns.add(known, cursor.startIndex, cursor.endIndex);
        if (at > MOST_NODES) return false;
        if (cursor.gotoFirstChild()) {
          open.push(at);
          continue;
        }
        columns.close(at);
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return true;
        columns.close(open.pop() ?? 0);
      }
    }
  }
}

/** Typed arrays that grow and are used again for piece after piece. */
class Columns {
  #kind = new Uint16Array(4096);
  #start = new Uint32Array(4096);
  #end = new Uint32Array(4096);
  #after = new Uint32Array(4096);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  add(kind: number, start: number, end: number): number {
    if (this.#count === this.#kind.length) this.#grow();
    const at = this.#count++;
    this.#kind[at] = kind;
    this.#start[at] = start;
    this.#end[at] = end;
    return at;
  }

  close(at: number): void {
    this.#after[at] = this.#count;
  }

  copy(): Pick<SyntaxTable, 'count' | 'kind' | 'start' | 'end' | 'after'> {
    const count = this.#count;
    return { count, kind: this.#kind, start: this.#start, end: this.#end, after: this.#after };
  }

  #grow(): void {
    const size = this.#kind.length * 2;
    const wider = (old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const column = new Uint32Array(size);
      column.set(old);
      return column;
    };
    const kinds = new Uint16Array(size);
    kinds.set(this.#kind);
    this.#kind = kinds;
    this.#start = wider(this.#start);
    this.#end = wider(this.#end);
    this.#after = wider(this.#after);
  }
}
