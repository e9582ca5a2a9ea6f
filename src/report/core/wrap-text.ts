const COLUMNS = 100;

/** A sentence in lines of at most 100 columns, each behind the same indent. */
export function wrapText(text: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + word.length + 1 > COLUMNS) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line].map((each) => `${each}\n`).join('');
}
