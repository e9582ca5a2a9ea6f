import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { Fleet } from '../../findings/fleet.ts';
import { kleakMetrics, stockMetrics } from '../../../testkit/fleet-metrics.ts';
import { makeFleet } from '../../../testkit/fleet-simulator.ts';
import { ROOT } from '../../../testkit/manifest.ts';
import { serveFleet } from '../../../testkit/query-api.ts';
import { runCommand } from '../../../testkit/run-command.ts';
import { pageAllocatorGrowth, sampleDiagnoses } from '../../../testkit/sample-diagnosis.ts';
import { diagnoseFleet } from '../fleet/diagnose-fleet.ts';
import { MetricsRedactor, redactDiagnosis, redactFleet } from './redact-document.ts';

const kleak = join(ROOT, 'bin/kleak');

describe('a document without what names a host', () => {
  const telling: Diagnosis = {
    ...pageAllocatorGrowth,
    summary: 'On db-17 memory goes; db-17.corp.example asked 10.1.2.3. driver i40e = 5.10.0.27 and i40e again.',
    host: { name: 'db-17', release: '6.1.0-18-amd64', machine: 'x86_64' },
    inputs: [{ kind: 'meminfo', file: '/mnt/acme/db-17.tar.gz/proc/meminfo' }],
    unread: [{ what: '/mnt/acme/db-17.tar.gz', why: 'cut off; /home/alice/x.log too' }],
    snapshots: [{ label: 'db-17' }],
  };
  const text = JSON.stringify(redactDiagnosis(telling));

  it('has none of its names, addresses, users or files', () => {
    expect(text).not.toMatch(/db-17|corp\.example|10\.1\.2\.3|acme|alice/);
    expect(text).toMatch(/On (host-\d+) memory goes; host-\d+ asked ip-1.*"label":"\1"/);
    expect(text).toMatch(/"file":"path-\d+\/proc\/meminfo"/);
  });

  it('keeps figures, versions and the kernel’s own names', () => {
    expect(text).toContain('i40e = 5.10.0.27');
    expect(text).toContain('6.1.0-18-amd64');
    expect(JSON.parse(text)).toMatchObject({ accounting: { totalBytes: telling.accounting?.totalBytes } });
  });

  it('is the same document where there is nothing to take out, and leaves the given one alone', () => {
    const before = JSON.stringify(sampleDiagnoses);
    for (const one of sampleDiagnoses) {
      const redacted = redactDiagnosis(one);
      expect(redacted.findings.map(({ id, bytes: held }) => [id, held])).toEqual(
        one.findings.map(({ id, bytes: held }) => [id, held]),
      );
      expect(redacted.accounting).toEqual(one.accounting);
    }
    expect(JSON.stringify(sampleDiagnoses)).toBe(before);
  });
});

describe('a fleet without names', () => {
  const STEP = 21_600;
  const fleet = makeFleet({
    seed: 3,
    hosts: 60,
    days: 30,
    step: STEP,
    cause: 'none',
    few: { attribute: 'driver_i40e', value: '2.3.6', hosts: 12 },
  });
  const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
  const grid = { ...fleet.grid, start: end - STEP * (fleet.grid.count - 1) };
  const series = [...fleet.hosts()].flatMap(({ host }) => [...stockMetrics(host, grid), ...kleakMetrics(host, grid)]);
  const renamed = series.map((one) => ({
    ...one,
    labels: { ...one.labels, instance: one.labels['instance']?.replace('host-', 'acme-db') ?? '' },
  }));

  it('names the same host the same throughout, and still says what divides them', async () => {
    await using server = await serveFleet(renamed, grid);
    const asked = await diagnoseFleet(server.url, { beside: ['acme-db30'] });
    const redacted: Fleet = redactFleet(asked);
    const text = JSON.stringify(redacted);
    expect(JSON.stringify(asked)).toContain('acme-db');
    expect(text).not.toMatch(/acme|127\.0\.0\.1/);
    expect(redacted.association?.label).toBe('driver i40e = 2.3.6');
    expect(new Set(redacted.leaking.map(({ host }) => host)).size).toBe(asked.leaking.length);
    const place = asked.leaking.findIndex(({ host }) => host === asked.twins[1]?.host);
    expect(redacted.twins[1]?.host).toBe(redacted.leaking[place]?.host);
  });

  it('kleak fleet --redact prints no name of a host', { timeout: 240_000 }, async () => {
    await using server = await serveFleet(renamed, grid);
    const plain = await runCommand(kleak, ['fleet', '--metrics', server.url, '--all']);
    expect(plain.stdout).toContain('acme-db');
    const { stdout, stderr } = await runCommand(kleak, ['fleet', '--metrics', server.url, '--all', '--redact']);
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/acme|127\.0\.0\.1/);
    expect(stdout).toContain('2.3.6');
  });
});

describe('what leaves a host', () => {
  it('kleak export --redact has no name of a user or of a control group’s host in its labels', () => {
    const redactor = new MetricsRedactor({ hosts: ['node7'], users: ['alice'] });
    const redacted = redactor.redact({
      kleak: '0.1.0',
      sampling: { seconds: 0, samples: 1, failures: 0, unread: 0 },
      cachesWatched: 1,
      growing: [{ cache: 'dentry(45:node7.service)', bytes: 1, bytesPerSecond: { value: 1, low: 1, high: 1 } }],
      verdict: {
        verdict: 'growth',
        layer: 'user',
        findings: [{ id: 'x', layer: 'user', subject: '/home/alice/bin/job', bytes: 1 }],
      },
      drivers: [{ name: 'i40e', version: '5.10.0.27' }],
      packages: [],
      meminfo: new Map([['MemTotal', 1]]),
    });
    expect(redacted.growing[0]?.cache).toBe('dentry(45:host-1.service)');
    expect(redacted.verdict?.findings[0]?.subject).toBe('/home/user-1/path-1');
    expect(redacted.drivers).toEqual([{ name: 'i40e', version: '5.10.0.27' }]);
    expect(redacted.meminfo.get('MemTotal')).toBe(1);
  });

  it('kleak export --once --redact says all that it says else', { timeout: 240_000 }, async () => {
    const [plain, redacted] = await Promise.all(
      [[], ['--redact']].map((more) => runCommand(kleak, ['export', '--once', ...more])),
    );
    const names = (text = ''): string[] => [...new Set(text.match(/^kleak_\w+/gm))].toSorted();
    expect(names(redacted?.stdout)).toEqual(names(plain?.stdout));
  });

  it('kleak diagnose --redact prints no name that its input’s files have', { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'acme-db17-'));
    try {
      mkdirSync(join(folder, 'proc'));
      const meminfo = readFileSync(join(ROOT, 'fixtures/captures/page-allocator-leak/end/meminfo'), 'utf8');
      writeFileSync(join(folder, 'proc/meminfo'), meminfo);
      writeFileSync(
        join(folder, 'dmesg.txt'),
        'Linux version 6.1.0 (root@build7.acme.example)\n[    1.0] nfs: server acme-nas not responding\n',
      );
      const plain = await runCommand(kleak, ['diagnose', folder, '--json']);
      expect(plain.stdout).toContain('acme');
      for (const format of ['json', 'html']) {
        const { stdout, status } = await runCommand(kleak, ['diagnose', folder, '--redact', '--format', format]);
        expect(stdout).not.toContain('acme');
        expect(stdout).toContain('unexplained');
        expect(status).toBe(plain.status);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
