import type { TypeNode } from '../../../base/type-graph.ts';
import { nodeOf, strip, type TypeRef } from '../../../model/layouts/type-ref.ts';
import { SHELL_WORDS } from './registry.ts';
import type { Shell } from './shell.ts';
import type { Completes } from './word.ts';

/** Beyond that nobody chooses from a list. */
const MOST = 500;
/** So many symbols begin with one letter that looking for them is slow and shows nothing. */
const SHORTEST_SYMBOL = 2;

/** What the last word of a line may become, and how much of it was typed. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly typed: string;
}

/** Completes words, slab caches, symbols, structs and their members, and names of tasks. Nothing behind a pipe. */
export class Completer {
  readonly #shell: Shell;
  #structs: readonly string[] | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  complete(line: string): Completion {
    const words = line.trimStart().split(/\s+/);
    const typed = words.at(-1) ?? '';
    if (/[|>]/.test(line)) return { candidates: [], typed };
    if (words.length === 1) return { candidates: this.#firstWords(typed), typed };
    const word = SHELL_WORDS.find(({ name }) => name === words[0]);
    const kinds = word?.completes ?? (word ? [] : ['symbol' as const]);
    const found = kinds.flatMap((kind) => this.#ofKind(kind, typed));
    return { candidates: [...new Set(found)].slice(0, MOST), typed };
  }

  #firstWords(typed: string): readonly string[] {
    const words = [...SHELL_WORDS.map(({ name }) => name), 'quit', 'exit'].filter((name) => name.startsWith(typed));
    return words.length > 0 || typed === '' ? words : this.#ofStructs(typed);
  }

  #ofKind(kind: Completes, typed: string): readonly string[] {
    if (typed.startsWith('-')) return [];
    switch (kind) {
      case 'word':
        return SHELL_WORDS.map(({ name }) => name).filter((name) => name.startsWith(typed));
      case 'cache':
        return this.#cacheNames().filter((name) => name.startsWith(typed));
      case 'struct':
        return this.#ofStructs(typed);
      case 'task':
        return this.#shell.knownTasks.map(({ comm }) => comm).filter((comm) => comm !== '' && comm.startsWith(typed));
      case 'symbol':
        return typed.length < SHORTEST_SYMBOL ? [] : this.#symbols(typed);
    }
  }

  #cacheNames(): readonly string[] {
    const { heap } = this.#shell.session.pages;
    return heap ? heap.caches.map(({ name }) => name) : [];
  }

  #symbols(typed: string): readonly string[] {
    const names: string[] = [];
    for (const { name } of this.#shell.session.kernel.symbols.matching((candidate) => candidate.startsWith(typed))) {
      names.push(name);
      if (names.length >= MOST) break;
    }
    return names;
  }

  /** `task_st` becomes a struct, `task_struct.co` one of its members. */
  #ofStructs(typed: string): readonly string[] {
    const [, star = '', name = '', path] = /^(\*?)(\w*)(?:\.(.*))?$/.exec(typed) ?? [];
    if (path === undefined) {
      this.#structs ??= structNames(this.#shell);
      return this.#structs.filter((candidate) => candidate.startsWith(name)).map((candidate) => `${star}${candidate}`);
    }
    const layout = this.#shell.session.kernel.layouts.struct(name);
    if (!layout) return [];
    const before = typed.slice(0, Math.max(typed.lastIndexOf('.'), typed.lastIndexOf(',')) + 1);
    const outer = /([\w.]+)\.\w*$/.exec(path.split(',').at(-1) ?? '')?.[1];
    const type = outer === undefined ? layout.type : layout.member(outer)?.type;
    const members = type ? memberNames(type) : [];
    return members.map((member) => `${before}${member}`).filter((candidate) => candidate.startsWith(typed));
  }
}

function structNames({ session }: Shell): readonly string[] {
  const { graphs } = session.kernel.layouts;
  return graphs.flatMap((graph) =>
    [...graph.all('struct'), ...graph.all('union')].flatMap((id) => {
      const node = graph.node(id);
      return 'name' in node && node.name !== '' ? [node.name] : [];
    }),
  );
}

/** Nested anonymous structs are this deep at most. */
const DEEPEST = 8;

function memberNames(type: TypeRef, depth = 0): readonly string[] {
  const at = strip(type);
  const node: TypeNode = nodeOf(at);
  if ((node.kind !== 'struct' && node.kind !== 'union') || depth > DEEPEST) return [];
  return node.members.flatMap((member) =>
    member.name === '' ? memberNames({ graph: at.graph, id: member.type }, depth + 1) : [member.name],
  );
}
