const LONGEST = 4096;

/**
 * A path from an archive or a directory, made harmless: relative, without `..`, without control characters. It names
 * the entry in reports; nothing is ever written to it.
 */
export function entryPath(path: string): string {
  const segments = path
    .slice(0, LONGEST)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  // eslint-disable-next-line no-control-regex -- terminals act on them
  return segments.join('/').replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?') || 'unnamed';
}

/** The input joined with a path inside it. */
export function entryName(input: string, path: string): string {
  if (path === '') return input;
  return input.endsWith('/') ? input + path : `${input}/${path}`;
}
