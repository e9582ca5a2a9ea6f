import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^kleak-(\d{1,10})-[0-9a-f]{12}$/;

/**
 * A folder, not made yet, for what has to be unpacked: in TMPDIR, else in /var/tmp, which is on a disk. Those of a kleak that was
 * killed are removed.
 */
export function scratchFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['TMPDIR'] ?? '';
  const parent = given === '' ? '/var/tmp' : given;
  for (const name of namesIn(parent)) {
    const pid = Number(NAME.exec(name)?.[1] ?? NaN);
    if (Number.isInteger(pid) && isGone(pid)) remove(join(parent, name));
  }
  return join(parent, `kleak-${process.pid}-${randomBytes(6).toString('hex')}`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is another user's.
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ESRCH';
  }
}
