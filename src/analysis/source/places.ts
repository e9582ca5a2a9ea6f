import type { CFile, CUnit } from '../../model/source/c-unit.ts';
import type { SourceStep } from '../../model/source/defect.ts';

const LONGEST = 160;

/** A step at an offset of a file. */
export function stepAt(unit: CUnit, file: CFile, at: number, what: string): SourceStep {
  return { file: file.name, line: unit.line(file, at), what, code: lineOf(file.text, at) };
}

function lineOf(text: string, at: number): string {
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  return text
    .slice(from, end < 0 ? text.length : end)
    .trim()
    .slice(0, LONGEST);
}

/**
 * The reason of a comment `kleak-ignore: reason` on the line of `at` or the one before. Without a reason it does not count:
 * whoever silences a finding says why.
 */
export function ignoredAt({ text }: CFile, at: number): string | undefined {
  const from = text.lastIndexOf('\n', Math.max(0, text.lastIndexOf('\n', at - 1) - 1)) + 1;
  const end = text.indexOf('\n', at);
  const found = /kleak-ignore:[ \t]*([^\n*]*)/.exec(text.slice(from, end < 0 ? text.length : end));
  const reason = found?.[1]?.trim() ?? '';
  return reason === '' ? undefined : reason;
}
