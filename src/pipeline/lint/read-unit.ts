import { measureDefects } from '../../analysis/source/measure-defects.ts';
import type { ParseSyntax } from '../../formats/c/syntax-table.ts';
import type { SourceDefect } from '../../model/source/defect.ts';
import { readSource } from '../../sources/c/source-tree.ts';
import { SourceUnit, type Unread } from './source-unit.ts';

/** What one unit has shown; plain data, so that it can come from another thread. */
export interface UnitResult {
  readonly defects: readonly SourceDefect[];
  readonly unread: readonly Unread[];
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
  readonly functions: number;
}

/** Reads the files of a unit and measures what is wrong in them. */
export function readUnit(paths: readonly string[], parse: ParseSyntax): UnitResult {
  const unread: Unread[] = [];
  const texts = paths.flatMap((name) => {
    const source = readSource(name);
    if ('text' in source) return [{ name, text: source.text }];
    unread.push({ what: name, why: source.why });
    return [];
  });
  const unit = new SourceUnit(texts, parse);
  const defects = measureSafely(unit, paths, unread);
  return {
    defects,
    unread: [...unread, ...unit.unread],
    files: texts.length,
    bytes: texts.reduce((sum, { text }) => sum + text.length, 0),
    lines: texts.reduce((sum, { text }) => sum + countLines(text), 0),
    functions: unit.files.reduce((sum, { outline }) => sum + outline.functions.length, 0),
  };
}

/** A mistake of kleak's own costs one unit, and is told. */
function measureSafely(unit: SourceUnit, paths: readonly string[], unread: Unread[]): readonly SourceDefect[] {
  try {
    return measureDefects(unit);
  } catch (cause) {
    const what = paths.length === 1 ? (paths[0] ?? '') : `${paths[0] ?? ''} and ${paths.length - 1} more`;
    unread.push({
      what,
      why: `a bug in kleak, please report it: ${cause instanceof Error ? cause.message : String(cause)}`,
    });
    return [];
  }
}

function countLines(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
