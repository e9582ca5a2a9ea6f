import { constantCondition } from './conditionals.ts';
import { closingBracket, isWord } from './skip.ts';

/** A body in which the grammar can find its way: as long as before, so that offsets stay. */
export interface PreparedBody {
  readonly text: string;
  /** Variables that clean up after themselves: `__free(kfree)`, `CLASS()`. */
  readonly cleanups: ReadonlySet<string>;
}

const ATTRIBUTE =
  /\b(?:__user|__iomem|__force|__rcu|__percpu|__maybe_unused|__always_unused|__read_mostly|____cacheline_aligned\w*|__aligned\s*\([^()]*\)|__attribute__\s*\(\([^;]*?\)\)|__extension__|noinline|__must_check|__counted_by\([^()]*\)|__nonstring|__private|__percpu|__bitwise|__kernel|__packed)\b/g;
const CLEANUP = /\b([A-Za-z_]\w*)(\s+)(__free|__cleanup|__auto_cleanup)\s*\(\s*\w+\s*\)/g;
const CLEANUP_BEFORE = /\b(__free|__cleanup)\s*\(\s*\w+\s*\)(?=\s*\w)/g;
const LOOP =
  /\b(?:[A-Za-z_]\w*_)?(?:for_each|foreach|FOREACH|FOR_EACH)\w*(?=\s*\()|\bscoped_(?:guard|cond_guard)(?=\s*\()/g;
/** A type as an argument: `list_entry(p, struct x, m)`, `va_arg(ap, unsigned int)`. */
const TYPE_ARGUMENT =
  /(?<=[\w$]\s?\(|,)\s*(?:(?:const|unsigned|signed|struct|union|enum|long|short)\s+)+\w+(?:\s*\*)*(?=\s*[,)])|(?<=,)\s*(?:int|char|void|long|short|unsigned|signed|u?int\d+_t|[us](?:8|16|32|64)|__[bl]e(?:16|32|64))(?:\s*\*)*(?=\s*[,)])/g;
const RANGE = /\bcase\b[^:;{}\n]*?(\.\.\.[^:;{}\n]*):/g;

export function prepareBody(raw: string): PreparedBody {
  const cleanups = new Set<string>();
  let text = raw;
  if (text.includes('#')) text = settleConditionals(text);
  if (text.includes('__')) {
    text = text.replaceAll(CLEANUP, (whole: string, name: string) => {
      cleanups.add(name);
      return name.padEnd(whole.length);
    });
    text = text.replaceAll(CLEANUP_BEFORE, blank).replaceAll(ATTRIBUTE, blank);
  }
  if (text.includes('...'))
    text = text.replaceAll(
      RANGE,
      (whole: string, range: string) => `${whole.slice(0, -range.length - 1)}${blank(range)}:`,
    );
  text = text.replaceAll(TYPE_ARGUMENT, asName);
  text = nameLoops(text);
  return { text, cleanups };
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** `struct x *` becomes `struct_x  `: one name, as long. */
function asName(type: string): string {
  const lead = /^\s*/.exec(type)?.[0] ?? '';
  const words = type.slice(lead.length).replaceAll('*', ' ').trimEnd();
  return lead + words.replaceAll(/\s/g, '_').padEnd(type.length - lead.length);
}

/** A macro that is followed by a statement is a loop: `while` stands for its name. */
function nameLoops(text: string): string {
  LOOP.lastIndex = 0;
  let out = '';
  let from = 0;
  for (let found = LOOP.exec(text); found; found = LOOP.exec(text)) {
    const [name] = found;
    const open = text.indexOf('(', found.index + name.length);
    const close = closingBracket(text, open);
    if (close === undefined || !statementFollows(text, close + 1)) continue;
    out += text.slice(from, found.index) + (name.startsWith('scoped') ? 'if' : 'while').padEnd(name.length);
    from = found.index + name.length;
  }
  return out + text.slice(from);
}

function statementFollows(text: string, at: number): boolean {
  let i = at;
  while (i < text.length && /\s/.test(text[i] ?? '')) i++;
  const c = text.charCodeAt(i);
  return (
    c === 123 ||
    isWord(c) ||
    (c === 40 && text[i + 1] === '*') ||
    c === 42 ||
    (c === 47 && /[/*]/.test(text[i + 1] ?? ''))
  );
}

interface Branch {
  readonly from: number;
  readonly to: number;
  readonly condition: string;
}

interface Group {
  readonly from: number;
  readonly to: number;
  readonly branches: readonly Branch[];
}

const DIRECTIVE = /^[ \t]*#[ \t]*(\w*)(?:\\\r?\n|[^\n])*/gm;
const DEEPEST = 12;

/**
 * Conditionals that are whole statements in each branch stay. Others (half an expression, a brace in each branch) keep one
 * branch: the one that a constant chooses, else the first.
 */
function settleConditionals(text: string): string {
  let settled = text;
  for (let round = 0; round < DEEPEST; round++) {
    const found = findGroups(settled);
    let changed = false;
    for (const group of found) {
      const kept = settle(settled, group);
      if (kept !== undefined) {
        settled = kept;
        changed = true;
      }
    }
    if (!changed) break;
  }
  return settled.replaceAll(DIRECTIVE, (line: string, word: string) =>
    /^(?:if|ifdef|ifndef|elif|else|endif)$/.test(word) ? line : blank(line),
  );
}

/** All groups, inner ones before what encloses them. */
function findGroups(text: string): readonly Group[] {
  const done: Group[] = [];
  const open: { from: number; branches: Branch[]; start: number; condition: string }[] = [];
  DIRECTIVE.lastIndex = 0;
  for (let found = DIRECTIVE.exec(text); found; found = DIRECTIVE.exec(text)) {
    const [line, word = ''] = found;
    const end = found.index + line.length;
    const top = open.at(-1);
    if (word.startsWith('if')) open.push({ from: found.index, branches: [], start: end, condition: line });
    else if (top && (word === 'else' || word === 'elif' || word === 'endif')) {
      top.branches.push({ from: top.start, to: found.index, condition: top.condition });
      [top.start, top.condition] = [end, line];
      if (word !== 'endif') continue;
      open.pop();
      done.push({ from: top.from, to: end, branches: top.branches });
    }
  }
  return done;
}

/** The text with one branch of the group, or undefined where the group can stay. */
function settle(text: string, group: Group): string | undefined {
  const chosen = chooseConstant(group);
  if (chosen === undefined && standsAlone(text, group)) return undefined;
  const keep = chosen ?? group.branches[0];
  const kept = keep && chosen !== null ? text.slice(keep.from, keep.to) : '';
  const before = keep && chosen !== null ? text.slice(group.from, keep.from) : '';
  const whole = text.slice(group.from, group.to);
  const lead = blank(before);
  return text.slice(0, group.from) + lead + kept + blank(whole.slice(lead.length + kept.length)) + text.slice(group.to);
}

/** The branch that constants choose; null where they choose none; undefined where they do not decide. */
function chooseConstant({ branches }: Group): Branch | null | undefined {
  for (const branch of branches) {
    const [, word = '', condition = ''] = /^\s*#\s*(\w+)([^]*)/.exec(branch.condition) ?? [];
    if (word === 'else') return branch;
    if (word !== 'if' && word !== 'elif') return undefined;
    const value = constantCondition(condition);
    if (value === undefined) return undefined;
    if (value) return branch;
  }
  return null;
}

function standsAlone(text: string, group: Group): boolean {
  const before = withoutComments(text.slice(Math.max(0, group.from - 2000), group.from)).trimEnd();
  if (!/(?:[;{}:]|^|#\s*(?:else|endif)|#\s*(?:if|ifdef|ifndef|elif)\b[^\n]*)$/.test(before)) return false;
  return group.branches.every(({ from, to }) => isWhole(withoutComments(text.slice(from, to))));
}

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (noise) =>
    noise.startsWith('/') ? ' ' : 'Q',
  );

/** Balanced, and ends where a statement ends. */
function isWhole(text: string): boolean {
  let [braces, parens] = [0, 0];
  for (const c of text) {
    if (c === '{') braces++;
    else if (c === '}') braces--;
    else if (c === '(') parens++;
    else if (c === ')') parens--;
    if (braces < 0 || parens < 0) return false;
  }
  const last = text.trimEnd();
  return (
    braces === 0 &&
    parens === 0 &&
    (last.trim() === '' || /(?:[;}:]|#\s*endif[^\n]*)$/.test(last)) &&
    !/^\s*else\b/.test(text)
  );
}
