import type { WordFacts } from './word-facts.ts';

/** Whose code the objects of a group name. */
export interface CodeOwner {
  /** `gone`: code of a module that was unloaded since, or whose memory is no longer its own. */
  readonly kind: 'module' | 'kernel' | 'gone';
  /** Absent for the kernel itself, and for code that is gone. */
  readonly module?: string;
  /** The most telling function; absent where only data names the owner. */
  readonly function?: string;
  /** A table or variable that names the owner, where no function does. */
  readonly variable?: string;
  /** The word that says so; absent where the slab cache does, which the module made for itself. */
  readonly word?: {
    /** Bytes from the start of the object. */
    readonly offset: number;
    /** Where it points to. */
    readonly address: bigint;
    /** Of the objects, how many have it there. */
    readonly share: number;
  };
}

/** A word that differs in most objects says nothing about all of them. */
const LEAST_SHARE = 0.5;

/**
 * Callbacks that the kernel's own services put into what they hand out: they tell what an object is made with, and not who
 * asked for it. fs/seq_file.c, kernel/workqueue.c, kernel/time, kernel/sched/wait.c, and by prefix the stock functions of
 * fs/libfs.c, lib/kobject.c and the like.
 */
const STOCK =
  /^(?:single_(?:start|next|stop)|delayed_work_timer_fn|rcu_work_rcufn|process_timeout|hrtimer_wakeup|(?:default|autoremove|woken)_wake_function|(?:seq|simple|generic|noop|default|dummy|empty|kobj|dynamic_kobj|kset)_\w+)$/;

interface Pointer {
  readonly offset: number;
  readonly share: number;
  readonly name?: string;
  readonly module?: string;
  readonly kind: 'function' | 'variable' | 'gone';
  readonly address: bigint;
}

/**
 * The owner by what the words point to: code that is gone before functions of modules, those before data of modules, that
 * before functions of the kernel that not everybody uses. Undefined where there is no such word.
 */
export function codeOwner(words: readonly WordFacts[]): CodeOwner | undefined {
  const pointers = words.flatMap((word, i) => pointersIn(word, i * 8));
  const best = pointers.toSorted((a, b) => rankOf(a) - rankOf(b) || b.share - a.share)[0];
  if (!best || rankOf(best) === NOBODY) return undefined;
  const { offset, share, address, module, name } = best;
  return {
    kind: best.kind === 'gone' ? 'gone' : module === undefined ? 'kernel' : 'module',
    ...(module === undefined ? {} : { module }),
    ...(name === undefined ? {} : best.kind === 'function' ? { function: name } : { variable: name }),
    word: { offset, address, share },
  };
}

const NOBODY = 9;

function rankOf({ kind, module, name = '' }: Pointer): number {
  if (kind === 'gone') return 0;
  if (kind === 'function') return module === undefined ? (STOCK.test(name) ? NOBODY : 3) : 1;
  return module === undefined ? NOBODY : 2;
}

function pointersIn({ facts }: WordFacts, offset: number): readonly Pointer[] {
  return facts.flatMap(({ seen, share }): Pointer[] => {
    if (share < LEAST_SHARE) return [];
    if (seen.kind !== 'symbol' && seen.kind !== 'inside' && seen.kind !== 'gone') return [];
    const { address, symbol } = seen.symbol;
    const kind = seen.kind === 'gone' ? 'gone' : seen.kind === 'symbol' && !seen.isCode ? 'variable' : 'function';
    const module = symbol?.module;
    return [
      {
        offset,
        share,
        kind,
        address,
        ...(symbol === undefined ? {} : { name: symbol.name }),
        ...(module === undefined ? {} : { module }),
      },
    ];
  });
}
