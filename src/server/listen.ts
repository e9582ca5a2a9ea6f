import type { Server } from 'node:net';
import { InputError } from '../pipeline/errors.ts';

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this host has no such address',
  EACCES: 'this user may not listen there',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name cannot be looked up now',
};

/** Resolves to the port when it listens. Throws InputError where it cannot. */
export async function untilListening(
  server: Pick<Server, 'once' | 'address' | 'off'>,
  where: string,
): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('listening', resolve);
  server.once('error', reject);
  try {
    await promise;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new InputError(where, WORDS[code] ?? `cannot be listened at (${code})`, 'give another --listen HOST:PORT', {
      cause,
    });
  }
  server.off('error', reject);
  const at = server.address();
  return typeof at === 'object' && at ? at.port : undefined;
}
