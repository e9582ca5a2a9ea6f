import { columnsOf, escapeTerminal } from '../escape.ts';

/** A column of a table: its head, and whether its cells stand to the right, as numbers do. */
export interface Column {
  readonly head: string;
  readonly right?: boolean;
}

/**
 * A table in plain text, each column as wide as its widest cell. Cells may hold anything: they are escaped here. The last
 * column is not padded.
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ head }) => head), ...rows.map((row) => row.map(escapeTerminal))];
  const widths = columns.map((_, i) => cells.reduce((widest, row) => Math.max(widest, columnsOf(row[i] ?? '')), 0));
  return cells.map((row) => `${renderRow(columns, widths, row)}\n`).join('');
}

function renderRow(columns: readonly Column[], widths: readonly number[], row: readonly string[]): string {
  const parts = columns.map(({ right }, i) => {
    const cell = row[i] ?? '';
    const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - columnsOf(cell)));
    return right === true ? blanks + cell : cell + blanks;
  });
  return parts.join('  ').trimEnd();
}

/** `name   value` lines, names padded to the longest. Pairs without a value are left out. */
export function renderPairs(pairs: readonly (readonly [string, string | undefined])[]): string {
  const given = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const widest = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(widest)}  ${escapeTerminal(value)}\n`).join('');
}

/** What was wrong, a line each, at most `most`; nothing where nothing was. */
export function renderProblems(problems: readonly string[], most = 12): string {
  if (problems.length === 0) return '';
  const lines = problems.slice(0, most).map((problem) => `  ${escapeTerminal(problem)}\n`);
  const more = problems.length > most ? `  … and ${problems.length - most} more, see --json\n` : '';
  return `\nproblems\n${lines.join('')}${more}`;
}
