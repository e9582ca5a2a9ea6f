import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { runCommand } from '../../testkit/run-command.ts';

const kleak = join(ROOT, 'bin/kleak');
const capture = join(ROOT, 'fixtures/captures/page-allocator-leak');

it('says nothing where its reader stops early, as head does', async () => {
  const script = '"$0" diagnose "$1" --format html --all | head -c 1; "$0" --help | true';
  expect(await runCommand('sh', ['-c', script, kleak, capture])).toEqual({ status: 0, stdout: '<', stderr: '' });
});
