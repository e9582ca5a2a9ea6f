import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { ROOT } from '../testkit/manifest.ts';
import { runCommand } from '../testkit/run-command.ts';

const deploy = join(ROOT, 'deploy');
const text = (name: string): string => readFileSync(join(deploy, name), 'utf8');
const units = readdirSync(deploy).filter((name) => name.endsWith('.service'));

/** Names that kleak export writes, and those that Prometheus adds. */
const written = readFileSync(join(ROOT, 'src/report/metrics.ts'), 'utf8');
const isWritten = (metric: string): boolean =>
  written.includes(`'${metric}'`) || /^kleak_(?:driver|package)_info$/.test(metric);

describe('what deploy/ holds', () => {
  it('the dashboard is JSON whose panels ask for metrics that kleak export has', () => {
    const board: unknown = JSON.parse(text('grafana/kleak.json'));
    expect(board).toMatchObject({ schemaVersion: 39, uid: 'kleak-kernel-memory' });
    const metrics = text('grafana/kleak.json').match(/kleak_\w+/g) ?? [];
    expect(metrics.length).toBeGreaterThan(8);
    expect(metrics.filter((metric) => !isWritten(metric))).toEqual([]);
    const places = [...text('grafana/kleak.json').matchAll(/"id": (\d+)/g)].map(([, id]) => id);
    expect(new Set(places).size).toBe(places.length);
  });

  it('the alert rules ask for metrics that kleak export has', () => {
    const metrics = (text('prometheus/kleak.rules.yml').match(/kleak_\w+/g) ?? []).filter((one) => one !== 'kleak_');
    expect(metrics.filter((metric) => !isWritten(metric))).toEqual([]);
  });

  it('the DaemonSet reads the host and changes nothing on it', () => {
    const set = parseDocument(text('kubernetes/kleak-export.yaml'));
    expect(set.errors).toEqual([]);
    expect(set.get('kind')).toBe('DaemonSet');
    const pod = ['spec', 'template', 'spec'];
    const container = [...pod, 'containers', 0];
    expect(set.getIn([...container, 'securityContext', 'allowPrivilegeEscalation'])).toBe(false);
    expect(set.getIn([...container, 'securityContext', 'readOnlyRootFilesystem'])).toBe(true);
    for (const mount of [0, 1]) {
      expect(set.getIn([...container, 'volumeMounts', mount, 'readOnly'])).toBe(true);
      expect(set.getIn([...container, 'volumeMounts', mount, 'name'])).toBe(
        set.getIn([...pod, 'volumes', mount, 'name']),
      );
    }
    expect(set.getIn([...container, 'resources', 'limits', 'memory'])).toBe('256Mi');
    // Without it the image's own entry point would be given `export` as a command.
    expect(set.getIn([...container, 'command', 0])).toBe('kleak');
    expect(set.getIn([...pod, 'nodeSelector', 'kubernetes.io/os'])).toBe('linux');
  });

  it('commands that units and pods run are commands of kleak with its options', { timeout: 60_000 }, async () => {
    const pod = /args: \[(.*)\]/.exec(text('kubernetes/kleak-export.yaml'))?.[1] ?? '';
    const runs = [
      pod.replaceAll(/[',]/g, ''),
      // Those of comments too, which are pasted.
      ...units.flatMap((unit) =>
        [
          ...text(unit)
            .replaceAll('\\\n#', '')
            .matchAll(/ExecStart=\S+kleak (.*)/g),
        ].map(([, run = '']) => run),
      ),
    ];
    expect(runs.length).toBeGreaterThan(units.length + 1);
    for (const run of runs) {
      const [command = '', ...rest] = run.split(' ');
      const help = await runCommand(join(ROOT, 'bin/kleak'), [command, '--help']);
      const options = rest.filter((word) => word.startsWith('--'));
      expect(options.filter((option) => !help.stdout.includes(option))).toEqual([]);
    }
  });

  const hasVerify = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.skipIf(!hasVerify)('units are what systemd takes (needs systemd-analyze)', () => {
    for (const unit of units) {
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(deploy, unit)], { encoding: 'utf8' });
      const words = stderr
        .split('\n')
        .filter((line) => line.includes(unit) && !/not executable|No such file/.test(line));
      expect(words).toEqual([]);
    }
  });
});
