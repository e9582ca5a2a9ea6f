import { once } from 'node:events';
import { writeOut } from '../output.ts';

/** Documents a line each, in pieces that wait for whoever reads them. */
const PIECE = 65_536;

export async function writeLines(documents: Iterable<object>, file: string | undefined): Promise<void> {
  if (file !== undefined && file !== '-') {
    const lines: string[] = [];
    for (const document of documents) lines.push(`${JSON.stringify(document)}\n`);
    return writeOut(lines.join(''), file);
  }
  let text = '';
  for (const document of documents) {
    text += `${JSON.stringify(document)}\n`;
    if (text.length < PIECE) continue;
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    text = '';
  }
  process.stdout.write(text);
}
