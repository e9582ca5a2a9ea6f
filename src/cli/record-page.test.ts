import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { has, scratch } from '../../testkit/read-input.ts';
import { addRecord } from './record-command.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PAGE = join(ROOT, 'docs/man/kleak-record.8');
const UNIT = join(ROOT, 'deploy/kleak-record.service');
const folder = scratch();

describe('the manual page of kleak record', () => {
  it('tells every option of the command, and no other', () => {
    const program = new Command();
    addRecord(program);
    const options = program.commands[0]?.options.map((o) => o.long ?? '') ?? [];
    const told = [...readFileSync(PAGE, 'utf8').matchAll(/^\.TP\n\.BI? (?:\\-\\-)([a-z\\-]+)/gm)].map(
      ([, name = '']) => `--${name.replaceAll('\\', '')}`,
    );
    expect(told).toEqual(options);
  });

  it.skipIf(!has('groff'))('is without a warning to groff (needs groff)', () => {
    const { stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', PAGE], { encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  });

  it.skipIf(!has('mandoc'))('is without an error to mandoc (needs mandoc)', () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', PAGE], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });
});

describe('the service unit of kleak record', () => {
  it.skipIf(!has('systemd-analyze'))('is one that systemd takes (needs systemd-analyze)', () => {
    const program = join(folder, 'kleak');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    mkdirSync(join(folder, 'units'));
    const unit = join(folder, 'units/kleak-record.service');
    writeFileSync(unit, readFileSync(UNIT, 'utf8').replace('/usr/local/bin/kleak', program));
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  });
});
