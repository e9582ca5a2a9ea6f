import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../testkit/manifest.ts';
import { runCommand } from '../testkit/run-command.ts';

const hasManager = ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'].some((file) => existsSync(file));
const mayUnshare = hasManager && spawnSync('unshare', ['-m', 'true']).status === 0;

describe('units under systemd', { timeout: 180_000 }, () => {
  it.skipIf(!mayUnshare)(
    'start, tell that they are ready, go on, and end when told to (needs root and systemd)',
    async () => {
      const units = ['kleak-record', 'kleak-export', 'kleak-serve'];
      const script = join(ROOT, 'testkit/run-units.sh');
      const { stdout } = await runCommand('unshare', ['-m', 'sh', script, ROOT, ...units]);
      for (const unit of units) {
        expect(stdout).toMatch(new RegExp(`^${unit} started 0 active`, 'm'));
        expect(stdout).toContain(`${unit} goes-on active`);
        expect(stdout).toContain(`${unit} stopped success 0`);
      }
      // Type=notify: the manager waited for it, and heard it.
      expect(stdout).toMatch(/^kleak-record started 0 active recording into \S+samples\.db$/m);
    },
  );
});
