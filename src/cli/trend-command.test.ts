import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeRecording } from '../../testkit/made-recording.ts';
import { scratch } from '../../testkit/read-input.ts';
import { runCommand, type Ran } from '../../testkit/run-command.ts';

const folder = scratch();
const KLEAK = new URL('../../bin/kleak', import.meta.url).pathname;
const kleak = (...args: readonly string[]): Promise<Ran> => runCommand(KLEAK, ['trend', ...args]);
const leak = writeRecording(join(folder, 'leak.db'), 48, { kmalloc: (h) => 40 + h * 30 });
const calm = writeRecording(join(folder, 'calm.db'), 48, {});

describe('kleak trend', () => {
  it('exits as the contract says: 1 for growth, 0 for none, 3 for what is too short, also for Nagios', async () => {
    const runs = await Promise.all([
      kleak(leak),
      kleak(calm),
      kleak('--nagios', leak),
      kleak(writeRecording(join(folder, 'short.db'), 1, {})),
    ]);
    expect(runs.map((r) => [r.status, r.stdout.split('  ')[0], r.stderr])).toEqual([
      [1, 'SUSPECTED LEAK', ''],
      [0, 'NOT A LEAK', ''],
      [1, 'SUSPECTED LEAK', ''],
      [3, 'CANNOT TELL', ''],
    ]);
    expect(runs[0]?.stdout).not.toContain('\u001b');
  }, 180_000);

  it('prints one document, writes one page, and reads this host’s recording where nothing is given', async () => {
    const page = join(folder, 'trend.html');
    const [json, html, own] = await Promise.all([
      kleak('--json', leak),
      kleak('--format', 'html', '-o', page, leak),
      runCommand(KLEAK, ['trend', '--json'], {
        env: { PATH: process.env['PATH'] ?? '', STATE_DIRECTORY: join(folder, 'none') },
      }),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'kleak.trend/1', verdict: 'growth' });
    expect([html.status, html.stdout]).toEqual([1, '']);
    expect(readFileSync(page, 'utf8')).toContain('</html>');
    expect([own.status, own.stderr]).toEqual([2, expect.stringContaining('none/samples.db: no such database')]);
  }, 180_000);
});
