/** `#if` without a preprocessor: which branch counts for brackets. */

/** True, false, or undefined where it depends on more than numbers. */
export function constantCondition(directive: string): boolean | undefined {
  const text = directive.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/g, ' ').trim();
  const compared = /^\(?\s*(-?\w+)\s*(==|!=|>=|<=|>|<)\s*(-?\w+)\s*\)?$/.exec(text);
  if (compared) {
    const [, left = '', op = '', right = ''] = compared;
    return isNumber(left) && isNumber(right) ? compare(Number(left), op, Number(right)) : undefined;
  }
  const bare = text.replaceAll(/[()\s]/g, '');
  if (isNumber(bare)) return Number(bare) !== 0;
  return bare.startsWith('!') && isNumber(bare.slice(1)) ? Number(bare.slice(1)) === 0 : undefined;
}

const isNumber = (text: string): boolean => /^-?(?:0x[0-9a-f]+|\d+)$/i.test(text);

function compare(left: number, op: string, right: number): boolean {
  switch (op) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left < right;
  }
}

/** Where a scan stood when #if began, and where its first branch ended. */
interface Open<T> {
  readonly before: T;
  first: T | undefined;
}

/**
 * Branches of #if begin where the first one began, and what follows #endif goes on from where the first one ended: braces
 * that are opened in each branch are counted once.
 */
export class ConditionalStack<T> {
  readonly #open: Open<T>[] = [];

  begin(state: T): void {
    this.#open.push({ before: state, first: undefined });
  }

  /** #else, #elif: the state to go on with. */
  turn(state: T): T {
    const top = this.#open.at(-1);
    if (!top) return state;
    top.first ??= state;
    return top.before;
  }

  end(state: T): T {
    return this.#open.pop()?.first ?? state;
  }
}
