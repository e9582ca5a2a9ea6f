import type { CoreSymbol } from './core-address.ts';
import type { CoreLayout, CoreStruct } from './core-struct.ts';
import type { ShellCache, ShellPage, ShellSlab } from './shell-heap.ts';
import type {
  ShellArea,
  ShellFreeArea,
  ShellMemoryUsage,
  ShellModule,
  ShellMount,
  ShellNode,
  ShellSystem,
  ShellZone,
} from './shell-machine.ts';
import type { ShellHit, ShellMemoryRow, ShellNumbers } from './shell-memory.ts';
import type { ShellBacktrace, ShellFiles, ShellTask, ShellTaskName } from './shell-tasks.ts';

/** The kinds of answers, and what each holds. */
export interface ShellBlocks {
  /** kleak's own words: help, a setting. */
  readonly text: { readonly lines: readonly string[] };
  /** Names and what they stand for. */
  readonly pairs: { readonly pairs: readonly (readonly [name: string, value: string])[] };
  /** What was found out to be wrong. */
  readonly problems: { readonly problems: readonly string[] };
  readonly blank: object;
  readonly caches: { readonly caches: readonly ShellCache[] };
  readonly slab: { readonly slab: ShellSlab };
  readonly pages: { readonly pages: Iterable<ShellPage> };
  readonly symbols: { readonly symbols: Iterable<CoreSymbol> };
  readonly memory: { readonly rows: Iterable<ShellMemoryRow>; readonly numbers: ShellNumbers };
  readonly 'memory-text': { readonly address: string; readonly text: string };
  /** undefined: none yet, the search goes on. */
  readonly hits: { readonly hits: Iterable<ShellHit | undefined> };
  readonly struct: { readonly struct: CoreStruct; readonly hex: boolean };
  /** Members alone, without the struct around them. */
  readonly members: { readonly struct: CoreStruct; readonly hex: boolean };
  /** `isWhole`: all of its members; `address`: places instead of offsets. */
  readonly layout: {
    readonly layout: CoreLayout;
    readonly offsets: boolean;
    readonly isWhole: boolean;
    readonly address?: string;
  };
  readonly enum: { readonly name: string; readonly values: readonly ShellConstant[] };
  readonly number: { readonly value: string; readonly bits: boolean };
  readonly address: { readonly address: string };
  readonly tasks: { readonly tasks: readonly ShellTask[] };
  readonly 'task-name': { readonly task: ShellTaskName; readonly level?: number };
  readonly task: { readonly task: ShellTask };
  readonly backtrace: { readonly backtrace: ShellBacktrace };
  readonly files: { readonly files: ShellFiles };
  readonly mounts: { readonly mounts: readonly ShellMount[] };
  readonly modules: { readonly modules: readonly ShellModule[] };
  readonly log: { readonly lines: Iterable<string> };
  readonly system: { readonly system: ShellSystem };
  readonly 'memory-usage': { readonly usage: ShellMemoryUsage };
  readonly areas: { readonly areas: Iterable<ShellArea> };
  readonly zones: { readonly zones: readonly ShellZone[] };
  readonly nodes: { readonly nodes: readonly ShellNode[] };
  readonly 'free-areas': { readonly zone: ShellZone; readonly areas: readonly ShellFreeArea[] };
  readonly counters: { readonly counters: readonly (readonly [name: string, count: number])[] };
}

/**
 * What a command of the shell answers, piece by piece. Long lists are iterables that are walked once, while they are
 * shown. Addresses are 16 hex digits, sizes bytes.
 */
export type ShellBlock<K extends keyof ShellBlocks = keyof ShellBlocks> = {
  readonly [P in K]: { readonly kind: P } & ShellBlocks[P];
}[K];

export interface ShellConstant {
  readonly name: string;
  readonly value: string;
}
