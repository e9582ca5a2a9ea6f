import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** $PAGER, else less, which leaves short output alone and keeps colours, else more; undefined where there is none. */
export function findPager(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const chosen = environment['PAGER'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const isThere = (name: string): boolean => folders.some((folder) => existsSync(join(folder, name)));
  if (isThere('less')) return 'less -RFX';
  return isThere('more') ? 'more' : undefined;
}
