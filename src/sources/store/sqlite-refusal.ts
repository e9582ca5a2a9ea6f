/** Primary result codes of SQLite that say something about the file or the disk, not about our statements. */
const CODES = {
  3: 'permission',
  5: 'busy',
  8: 'read-only',
  10: 'input-output',
  11: 'corrupt',
  13: 'full',
  14: 'cannot-open',
  26: 'corrupt',
} as const;

export type SqliteRefusal = (typeof CODES)[keyof typeof CODES];

/** Why SQLite refused, where it is the file's doing; undefined for any other error, which is a bug of ours. */
export function sqliteRefusal(cause: unknown): SqliteRefusal | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number') return undefined;
  const code = cause.errcode & 0xff;
  return isKnown(code) ? CODES[code] : undefined;
}

const isKnown = (code: number): code is keyof typeof CODES => code in CODES;

/** True where there was no room: a full disk shows as FULL, and as an input-output error where the journal was to grow. */
export function isOutOfRoom(cause: unknown): boolean {
  const refusal = sqliteRefusal(cause);
  return refusal === 'full' || refusal === 'input-output';
}

const WORDS: Readonly<Record<SqliteRefusal, string>> = {
  permission: 'this user may not write it',
  busy: 'another program holds it locked',
  'read-only': 'it is read-only, or its file system is',
  'input-output': 'the disk fails',
  corrupt: 'it is damaged, or no database',
  full: 'no room on the disk',
  'cannot-open': 'it cannot be opened',
};

/** For a sentence: `the database cannot be used: …`. */
export const refusalWords = (refusal: SqliteRefusal): string => WORDS[refusal];
