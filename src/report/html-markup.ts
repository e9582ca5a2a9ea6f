import { escapeHtml } from './escape.ts';

/** HTML that is safe to splice. Only `html` and `trustedHtml` make it: an object that merely looks like it is text. */
export class Markup {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  static sourceOf(markup: Markup): string {
    return markup.#source;
  }
}

export type Part = string | number | Markup | readonly Part[] | false | undefined;

/** A template whose holes are escaped, unless they are markup themselves. Holes in attributes stand in double quotes. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let source = fixed[0] ?? '';
  parts.forEach((part, i) => {
    source += spell(part) + (fixed[i + 1] ?? '');
  });
  return new Markup(source);
}

/** For markup written in this project, never for data. */
export const trustedHtml = (source: string): Markup => new Markup(source);

export const htmlSource = (markup: Markup): string => Markup.sourceOf(markup);

function spell(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return Markup.sourceOf(part);
  if (isList(part)) return part.map(spell).join('');
  return escapeHtml(String(part));
}

const isList = (part: Part): part is readonly Part[] => Array.isArray(part);
