import { InputError } from '../../../sources/input-error.ts';

/** What a word takes: letters (or numbers, as rd's -32) that stand alone, and those that are followed by a value. */
export interface OptionSpec {
  readonly flags: readonly string[];
  readonly values?: readonly string[];
}

export interface Options {
  readonly has: (flag: string) => boolean;
  /** How often it was given. */
  readonly count: (flag: string) => number;
  /** The value that was given last. */
  readonly value: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly args: readonly string[];
}

/**
 * Options as crash takes them: one dash, letters may stand together, a value may touch its letter, and options may stand
 * behind arguments. A negative number is an argument. Throws InputError.
 */
export function parseOptions(word: string, given: readonly string[], { flags, values = [] }: OptionSpec): Options {
  const found: { readonly name: string; readonly value: string }[] = [];
  const args: string[] = [];
  const bad = (option: string): InputError => new InputError(word, `has no option ${option}`, `see help ${word}`);
  for (let i = 0; i < given.length; i++) {
    const arg = given[i] ?? '';
    if (!isOption(arg, flags)) {
      args.push(arg);
      continue;
    }
    for (let rest = arg.slice(1); rest !== '';) {
      const flag = flags.findLast((name) => rest === name || (name.length === 1 && rest.startsWith(name)));
      if (flag !== undefined) {
        found.push({ name: flag, value: '' });
        rest = rest.slice(flag.length);
        continue;
      }
      const name = values.find((candidate) => rest.startsWith(candidate));
      if (name === undefined) throw bad(`-${rest}`);
      const touching = rest.slice(name.length);
      const value = touching === '' ? given[++i] : touching;
      if (value === undefined) throw new InputError(word, `-${name} takes a value`, `see help ${word}`);
      found.push({ name, value });
      rest = '';
    }
  }
  const all = (name: string): readonly string[] => found.filter((o) => o.name === name).map(({ value }) => value);
  return {
    has: (flag) => all(flag).length > 0,
    count: (flag) => all(flag).length,
    value: (name) => all(name).at(-1),
    all,
    args,
  };
}

const isOption = (arg: string, flags: readonly string[]): boolean =>
  /^-[A-Za-z]/.test(arg) || (arg.startsWith('-') && flags.includes(arg.slice(1)));
