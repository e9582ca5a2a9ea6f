/** Two hosts as people call them side by side: without the domain that both have. */
export function shortNames(a: string, b: string): readonly [string, string] {
  const [first, second] = [a.split('.'), b.split('.')];
  let shared = 0;
  while (shared < Math.min(first.length, second.length) - 1 && first.at(-1 - shared) === second.at(-1 - shared))
    shared++;
  const name = (parts: readonly string[]): string => parts.slice(0, parts.length - shared).join('.');
  // Of addresses the front says nothing.
  return a === b || /^[\d.]+$/.test(a) || /^[\d.]+$/.test(b) ? [a, b] : [name(first), name(second)];
}
