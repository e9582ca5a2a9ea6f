import { readFunction } from '../../formats/c/read-function.ts';
import { scanOutline } from '../../formats/c/scan-outline.ts';
import type { ParseSyntax } from '../../formats/c/syntax-table.ts';
import type { CDefinition, CFile, CFunction, CUnit, FunctionOutline } from '../../model/source/c-unit.ts';

export interface Unread {
  readonly what: string;
  readonly why: string;
}

/** Bodies are kept while they are likely to be asked for again. */
const KEPT = 20_000;
const MOST_UNREAD = 200;

/** A unit in memory. Functions are parsed when the analysis asks for them. */
export class SourceUnit implements CUnit {
  readonly files: readonly CFile[];
  readonly unread: Unread[] = [];
  readonly #parse: ParseSyntax;
  readonly #bodies = new Map<FunctionOutline, CFunction | undefined>();
  readonly #lines = new Map<CFile, Uint32Array>();
  readonly #global = new Map<string, CDefinition>();
  readonly #own = new Map<CFile, Map<string, CDefinition>>();
  /** Static functions of headers, and of C files that others include. */
  readonly #shared = new Map<string, CDefinition>();
  readonly #callers = new Map<string, CDefinition[]>();

  constructor(texts: readonly { readonly name: string; readonly text: string }[], parse: ParseSyntax) {
    this.#parse = parse;
    this.files = texts.map(({ name, text }) => ({ name, text, outline: scanOutline(text, name) }));
    const included = new Set(texts.flatMap(({ text }) => includedSources(text)));
    for (const file of this.files) this.#index(file, included.has(baseOf(file.name)));
  }

  find(name: string, from: CFile): CDefinition | undefined {
    return this.#own.get(from)?.get(name) ?? this.#global.get(name) ?? this.#shared.get(name);
  }

  callers(name: string): readonly CDefinition[] {
    return this.#callers.get(name) ?? [];
  }

  body({ file, outline }: CDefinition): CFunction | undefined {
    if (this.#bodies.has(outline)) return this.#bodies.get(outline);
    if (this.#bodies.size >= KEPT) this.#bodies.clear();
    const read = readFunction(file.text, outline, this.#parse);
    const body = typeof read === 'string' ? undefined : read;
    this.#bodies.set(outline, body);
    if (typeof read === 'string') this.#tell(file, outline.at, `${outline.name}() ${read}`);
    else if (read.broken.length > 0) {
      const more = read.broken.length > 1 ? ` and ${read.broken.length - 1} more` : '';
      this.#tell(file, read.broken[0] ?? 0, `a part of ${outline.name}()${more} is not understood; the rest was read`);
    }
    return body;
  }

  line(file: CFile, at: number): number {
    let starts = this.#lines.get(file);
    if (!starts) {
      starts = lineStarts(file.text);
      this.#lines.set(file, starts);
    }
    let [low, high] = [0, starts.length];
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  #index(file: CFile, isIncluded: boolean): void {
    const own = new Map<string, CDefinition>();
    this.#own.set(file, own);
    for (const outline of file.outline.functions) {
      const definition = { file, outline };
      own.set(outline.name, definition);
      if (!outline.isStatic && !this.#global.has(outline.name)) this.#global.set(outline.name, definition);
      if (
        outline.isStatic &&
        (isIncluded || file.name.endsWith('.h')) &&
        !isStub(file.text, outline) &&
        !this.#shared.has(outline.name)
      )
        this.#shared.set(outline.name, definition);
      for (const name of outline.calls) this.#call(name, definition);
    }
    for (const { problem, at } of file.outline.problems) {
      if (this.unread.length < MOST_UNREAD)
        this.unread.push({ what: at.kind === 'line' ? `${at.file}:${at.line}` : file.name, why: problem });
    }
  }

  #call(name: string, definition: CDefinition): void {
    const list = this.#callers.get(name);
    if (list) list.push(definition);
    else this.#callers.set(name, [definition]);
  }

  #tell(file: CFile, at: number, why: string): void {
    if (this.unread.length < MOST_UNREAD) this.unread.push({ what: `${file.name}:${this.line(file, at)}`, why });
  }
}

/** What stands in for a function that is not configured: `{ }`, `{ return 0; }`. */
const isStub = (text: string, { start, end }: FunctionOutline): boolean =>
  end - start < 80 && /^\{\s*(?:return[^;(]*;)?\s*\}$/.test(text.slice(start, end));

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `#include "ohci-q.c"`. */
const includedSources = (text: string): readonly string[] =>
  text.includes('.c"')
    ? [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"(?:[^"\n]*\/)?([^"\n/]+\.c)"/gm)].map(([, name = '']) => name)
    : [];

function lineStarts(text: string): Uint32Array {
  const starts: number[] = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return Uint32Array.from(starts);
}
