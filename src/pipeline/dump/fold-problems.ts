/** Sentences that differ in figures and addresses only are one: the first of them, and how many more there are. */
export function foldAlike(sentences: readonly string[]): readonly string[] {
  const kinds = new Map<string, { readonly first: string; more: number }>();
  for (const sentence of sentences) {
    const kind = sentence.replaceAll(/\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b/gi, '#');
    const known = kinds.get(kind);
    if (known) known.more++;
    else kinds.set(kind, { first: sentence, more: 0 });
  }
  return [...kinds.values()].map(({ first, more }) => (more === 0 ? first : `${first}; and ${more} more like it`));
}
