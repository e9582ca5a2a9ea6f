import { textFormats } from '../formats/catalog.ts';

/** What each text format looks for, a line each, in the order they are asked. */
export function listFormats(): string {
  const width = Math.max(...textFormats.map((f) => f.kind.length));
  return textFormats.map((f) => `${f.kind.padEnd(width)}  ${f.looksFor}\n`).join('');
}
