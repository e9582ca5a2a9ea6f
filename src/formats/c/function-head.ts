import type { FunctionOutline, Parameter } from './outline.ts';

type Head = Pick<FunctionOutline, 'name' | 'isStatic' | 'returns' | 'parameters'>;

const NOISE = /\/\*[^]*?\*\/|\/\/[^\n]*|^[ \t]*#[^\n]*(?:\\\n[^\n]*)*$/gm;
/** Attributes that take brackets and may follow the parameters. */
const TRAILING = /^(?:__\w+|\w*attribute\w*|NONNULL|must_\w+|releases|acquires)$/;
const PAIRED = /^(?:COMPAT_)?(?:SYSCALL|BPF_CALL)_?(?:DEFINE)?_?\d$/;

/** What stands before the brace of a function; undefined where it is no function's head. */
export function readHead(raw: string): Head | undefined {
  let head = raw.replaceAll(NOISE, ' ').trimEnd();
  // `__cold`, `__init` and the like may stand behind the brackets.
  head = head.replace(/(?:\)\s*)((?:__\w+|noexcept)\s*)+$/, ')');
  for (let tries = 0; tries < 6; tries++) {
    if (!head.endsWith(')')) return undefined;
    const open = openingBracket(head);
    if (open === undefined) return undefined;
    const before = head.slice(0, open).trimEnd();
    const name = /[A-Za-z_$][\w$]*$/.exec(before)?.[0];
    if (name === undefined) return undefined;
    const front = before.slice(0, -name.length).trimEnd();
    if (TRAILING.test(name) && front.endsWith(')')) {
      head = front;
      continue;
    }
    return describe(name, front, head.slice(open + 1, -1));
  }
  return undefined;
}

function describe(name: string, front: string, inside: string): Head | undefined {
  if (/^(?:if|for|while|switch|sizeof|return)$/.test(name)) return undefined;
  const parts = splitArguments(inside);
  // Everything before the last line end or closed macro is not part of the type.
  const returns = (/[^;)}]*$/.exec(front)?.[0] ?? '').replaceAll(/\s+/g, ' ').trim();
  const isStatic = /\bstatic\b/.test(returns);
  if (PAIRED.test(name)) {
    const [own = name, ...rest] = parts;
    const parameters = rest.flatMap((type, i) => (i % 2 === 0 ? [{ type, name: rest[i + 1] ?? '' }] : []));
    return { name: `sys_${own}`, isStatic: true, returns: 'long', parameters };
  }
  return { name, isStatic, returns, parameters: parts.flatMap(readParameter) };
}

function openingBracket(head: string): number | undefined {
  let depth = 0;
  for (let i = head.length - 1; i >= 0; i--) {
    const c = head.charCodeAt(i);
    if (c === 41) depth++;
    else if (c === 40 && --depth === 0) return i;
  }
  return undefined;
}

/** Text between commas that no bracket encloses. */
export function splitArguments(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '(' || c === '{' || c === '[') depth++;
    else if (c === ')' || c === '}' || c === ']') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts;
}

function readParameter(text: string): readonly Parameter[] {
  if (text === '' || text === 'void' || text === '...') return [];
  const pointed = /\(\s*\*+\s*(?:const\s+)?([\w$]+)/.exec(text);
  if (pointed) return [{ name: pointed[1] ?? '', type: text }];
  const plain = text.replaceAll(/\[[^\]]*\]|__\w+(?:\([^)]*\))?/g, ' ').trim();
  const name = /[A-Za-z_$][\w$]*$/.exec(plain)?.[0] ?? '';
  return [
    {
      name,
      type: plain
        .slice(0, plain.length - name.length)
        .replaceAll(/\s+/g, ' ')
        .trim(),
    },
  ];
}
