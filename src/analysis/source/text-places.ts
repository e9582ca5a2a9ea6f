import type { CFile } from '../../model/source/c-unit.ts';

/** Places of a text where a name stands, without parsing it. */

/** Offsets of a name, not as a part of a longer one. */
export function* occurrences({ text }: CFile, name: string): Iterable<number> {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (!/[\w$]/.test(text[at - 1] ?? ' ') && !/[\w$]/.test(text[at + name.length] ?? ' ')) yield at;
  }
}

/** The line up to an offset. */
export const lineBefore = (text: string, at: number): string => text.slice(text.lastIndexOf('\n', at - 1) + 1, at);

export function isComment(text: string, at: number): boolean {
  const line = lineBefore(text, at);
  if (/^\s*\*|\/\//.test(line)) return true;
  const open = text.lastIndexOf('/*', at);
  return open >= 0 && text.indexOf('*/', open) > at;
}

/** The name before the bracket that is open at the end of a text. */
export function enclosingCall(before: string): string | undefined {
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const c = before[i];
    if (c === ')') depth++;
    else if (c === ';' || c === '{' || c === '}') return undefined;
    else if (c === '(') {
      if (depth === 0) return /([\w$]+)\s*$/.exec(before.slice(0, i))?.[1];
      depth--;
    }
  }
  return undefined;
}
