import { readFileSync } from 'node:fs';
import { InputError } from '../pipeline/errors.ts';

/** A file that an option names, as text. Throws InputError where it cannot be read. */
export function readGiven(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new InputError(file, `cannot be read (${code})`, `give ${option} a file that this user may read`, { cause });
  }
}

/** The token in a file. Throws InputError where there is none, or what cannot be sent as one. */
export function readToken(file: string, option: string): string {
  const token = readGiven(file, option).trim();
  if (!/^[!-~]+$/.test(token))
    throw new InputError(file, 'holds no token: one line without spaces', 'openssl rand -hex 32 makes one');
  return token;
}
