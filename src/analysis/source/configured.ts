/** `#ifdef X` and `#ifndef X` are one question. */
export function factOf(condition: string | undefined, holds: boolean): readonly [string, boolean] | undefined {
  if (condition === undefined) return undefined;
  const [, not, name = ''] = /^#\s*if(n?)def\s+(\w+)/.exec(condition) ?? [];
  if (name !== '') return [`#${name}`, not === 'n' ? !holds : holds];
  const defined = /^#\s*(?:el)?if\s+(!?)\s*(?:defined|IS_ENABLED|IS_REACHABLE|IS_BUILTIN)\s*\(?\s*(\w+)\s*\)?$/.exec(
    condition,
  );
  if (defined) return [`#${defined[2] ?? ''}`, defined[1] === '!' ? !holds : holds];
  return [condition.replace(/^#\s*\w+\s*/, '#'), holds];
}
