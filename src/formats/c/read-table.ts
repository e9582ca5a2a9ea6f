import type { TableMember, TableOutline } from './outline.ts';
import { closingBracket, isQuote, skipComment, skipQuoted } from './skip.ts';

/** Initialisers larger than this are data, not tables of functions. */
const LARGEST = 256 * 1024;
const MOST_TABLES = 4096;

/** The tables of one initialiser: itself, and each element of an array of structs. */
export function readTables(text: string, head: number, open: number, close: number): readonly TableOutline[] {
  if (close - open > LARGEST) return [];
  const before = text.slice(head, open);
  const [, tag, name] =
    /\b(?:struct\s+)?([A-Za-z_]\w*)\s+\*?\s*([A-Za-z_$][\w$]*)\s*(?:\[[^\]]*\]\s*)*(?:__\w+(?:\([^)]*\))?\s*)*=\s*$/.exec(
      before,
    ) ?? [];
  if (tag === undefined || name === undefined) return [];
  const tables: TableOutline[] = [];
  readBlock(text, { type: tag, name, at: open }, open, close, tables);
  return tables;
}

type Naming = Pick<TableOutline, 'type' | 'name' | 'at'>;

function readBlock(text: string, naming: Naming, open: number, close: number, into: TableOutline[]): void {
  const members: TableMember[] = [];
  let from = open + 1;
  for (let i = open + 1; i <= close && into.length < MOST_TABLES; i++) {
    const c = text.charCodeAt(i);
    if (c === 47) i = Math.max(i, skipComment(text, i) - 1);
    else if (isQuote(c)) i = skipQuoted(text, i) - 1;
    else if (c === 40 || c === 91) i = closingBracket(text, i, close) ?? close;
    else if (c === 123) {
      const end = closingBracket(text, i, close + 1) ?? close;
      const inner = memberName(text.slice(from, i));
      readBlock(text, { ...naming, type: inner === undefined ? naming.type : `.${inner}`, at: i }, i, end, into);
      i = end;
    } else if (c === 44 || i === close) {
      const member = readMember(text.slice(from, i), from);
      if (member) members.push(member);
      from = i + 1;
    }
  }
  if (members.length > 0) into.push({ ...naming, members });
}

const clean = (text: string): string =>
  text.replaceAll(/\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*|^[ \t]*#[^\n]*/gm, (noise) => ' '.repeat(noise.length));

const memberName = (text: string): string | undefined => /^\s*\.\s*(\w+)\s*=\s*$/.exec(clean(text))?.[1];

/** `.open = f`, `.open = &f`, `open: f`, with a cast at most. */
function readMember(raw: string, from: number): TableMember | undefined {
  const text = clean(raw);
  const found =
    /^\s*(?:\.\s*(\w+)\s*=|(\w+)\s*:)\s*(?:\([^()]*\)\s*)?&?\s*(?:\w+_p(?:tr)?\s*\(\s*)?([A-Za-z_$][\w$]*)\s*\)?\s*$/.exec(
      text,
    );
  if (!found) return undefined;
  return { name: found[1] ?? found[2] ?? '', value: found[3] ?? '', at: from + text.search(/\S/) };
}
