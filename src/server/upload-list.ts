/** One of the files that lie behind each other in the body of an upload. */
export interface UploadedFile {
  /** Safe as the name of a file and in a command that is pasted. */
  readonly name: string;
  /** Bytes; the rest of the body where it is not told. */
  readonly size?: number;
  /** Milliseconds since 1970, as its sender has it. */
  readonly modified?: number;
}

/** Files of one upload, and bytes of a name. */
const MOST_FILES = 64;
const LONGEST_NAME = 150;
const LONGEST_TITLE = 200;

/**
 * `?name=meminfo&size=1520&name=slabinfo&size=30211`: what the body holds, one file after the other. One alone needs no size.
 * In a line what is wrong with it.
 */
export function readUploadList(query: Readonly<Record<string, readonly string[]>>): readonly UploadedFile[] | string {
  const names = query['name'] ?? [];
  const [sizes, moments] = [numbers(query['size']), numbers(query['modified'])];
  if (names.length > MOST_FILES) return `more than ${MOST_FILES} files; pack them into an archive`;
  if (names.length > 1 && sizes.length !== names.length) return 'of several files each needs its size';
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (!sizes.every(isCount)) return 'size: a number of bytes';
  return (names.length === 0 ? ['upload'] : names).map((name, i) => {
    const [size, modified = NaN] = [sizes[i], moments[i]];
    return {
      name: safeName(name),
      ...(size === undefined ? {} : { size }),
      ...(isCount(modified) && modified <= Date.now() ? { modified } : {}),
    };
  });
}

const numbers = (values: readonly string[] = []): readonly number[] =>
  values.map((value) => (/^\d{1,16}$/.test(value) ? Number(value) : NaN));

/** As people called it. */
export function uploadTitle([first = 'upload', ...more]: readonly string[]): string {
  const rest = more.length === 0 ? '' : ` and ${more.length} more`;
  return (lastPart(first) || 'upload').slice(0, LONGEST_TITLE - rest.length) + rest;
}

/** Kleak reads names, as of `slabinfo.2`, so they are kept as far as they can mean no path, no option and no command. */
function safeName(name: string): string {
  const plain = lastPart(name)
    .replaceAll(/[^\p{L}\p{N}_.,:@%+=-]/gu, '_')
    .replace(/^[-.]/, '_');
  // Within the length in bytes; a letter that was cut in two is dropped.
  const short = new TextDecoder().decode(new TextEncoder().encode(plain).subarray(0, LONGEST_NAME));
  return short.replace(/\uFFFD$/, '') || 'upload';
}

const lastPart = (name: string): string => name.split(/[/\\]/).findLast((part) => part !== '') ?? '';
