import { truncateSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import { TimedReader } from './timed-reader.ts';

const folder = scratch();

describe('reading with a time limit', { timeout: 60_000 }, () => {
  it('gives content up to the limit, names, and the system’s error codes', async () => {
    writeTree(folder, { 'a/one': 'x'.repeat(100_000), 'a/two': '' });
    const reader = new TimedReader(60_000);
    const whole = await reader.read(join(folder, 'a/one'), 1e6);
    const cut = await reader.read(join(folder, 'a/one'), 70_000);
    expect(['content' in whole && whole.content.length, 'content' in cut && cut.content.length]).toEqual([
      100_000, 70_000,
    ]);
    expect(await reader.names(join(folder, 'a'))).toEqual({ names: ['one', 'two'] });
    expect(await reader.read(join(folder, 'none'), 1)).toEqual({ error: 'ENOENT' });
    expect(await reader.names(join(folder, 'a/one'))).toEqual({ error: 'ENOTDIR' });
    expect(await reader.stamp(join(folder, 'none'))).toBeUndefined();
    expect(await reader.stamp(join(folder, 'a'))).not.toBe(await reader.stamp(join(folder, 'a/one')));
  });

  it('gives up on what does not answer, does not ask it again meanwhile, and reads it once it answers', async () => {
    const slow = join(folder, 'slow');
    writeFileSync(slow, '');
    truncateSync(slow, 128 * 2 ** 20);
    const reader = new TimedReader(1);
    expect(await reader.read(slow, 128 * 2 ** 20)).toEqual({ error: 'ETIMEDOUT' });
    expect(reader.held).toBe(true);
    expect(await reader.read(slow, 1)).toEqual({ error: 'ETIMEDOUT' });
    while (reader.held) await setTimeout(20);
    expect(reader.held).toBe(false);
  });
});
