import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where samples go when nobody says: a service's own folder, root's, or the user's. */
export function defaultStore(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['STATE_DIRECTORY']?.split(':')[0] ?? '';
  if (given !== '') return join(given, 'samples.db');
  if (process.getuid?.() === 0) return '/var/lib/kleak/samples.db';
  const state = env['XDG_STATE_HOME'] ?? '';
  return join(state.startsWith('/') ? state : join(homedir(), '.local/state'), 'kleak/samples.db');
}
