const SIZE = /^(\d{1,12}(?:\.\d{1,3})?) ?([kKMGTPE]?)(i?)B?$/;

/**
 * Bytes of a size as lib/string_helpers.c string_get_size() writes it, rounded to three digits: `1.19 GiB` counts in
 * 1024s, `56.7 MB` in 1000s. Undefined where it is none.
 */
export function readSize(text: string): number | undefined {
  const [, digits, prefix = '', binary] = SIZE.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const power = prefix === '' ? 0 : 'KMGTPE'.indexOf(prefix.toUpperCase()) + 1;
  return Math.round(Number(digits) * (binary === 'i' ? 1024 : 1000) ** power);
}
