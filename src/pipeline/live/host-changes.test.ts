import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MadeHost } from '../../../testkit/made-host.ts';
import { scratch } from '../../../testkit/read-input.ts';
import type { HostEvent } from '../../model/sample.ts';
import { TimedReader } from '../../sources/live/timed-reader.ts';
import { HostChanges } from './host-changes.ts';

const folder = scratch();
let hosts = 0;

/** Looks at a made host, and keeps what is to be kept, as the database does. */
class Watch {
  readonly host = new MadeHost(join(folder, `host-${hosts++}`));
  readonly #state = new Map<string, string>();
  #changes = this.#begin();
  #at = 1000;

  constructor() {
    this.host.write('var/lib/dpkg/status', dpkg({ curl: '7.88.1-10', nss: '2:3.87' }));
    this.host.write('sys/module/i40e/version', '2.3.6\n');
    this.service('nginx', true);
  }

  #begin(): HostChanges {
    return new HostChanges(this.host.root, new TimedReader(60_000), (key) => this.#state.get(key));
  }

  service(name: string, runs: boolean): void {
    const group = join(this.host.root, `sys/fs/cgroup/system.slice/${name}.service`);
    if (runs) mkdirSync(group, { recursive: true });
    else rmSync(group, { recursive: true });
  }

  /** A new process goes on with the same database. */
  restart(): void {
    this.#changes = this.#begin();
  }

  /** Six looks, so that what is looked at rarely was. */
  async look(boot = 'a'): Promise<readonly string[]> {
    const events: HostEvent[] = [];
    for (let i = 0; i < 6; i++) {
      const found = await this.#changes.look({ at: this.#at++, boot });
      events.push(...found.events);
      for (const [key, value] of found.state) this.#state.set(key, value);
    }
    return events.map((e) => [e.kind, e.name, ...(e.detail === undefined ? [] : [e.detail])].join(' '));
  }
}

const dpkg = (packages: Readonly<Record<string, string>>): string =>
  Object.entries(packages)
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
    )
    .join('');

describe('what changes on a host', { timeout: 60_000 }, () => {
  it('is nothing at the first look, and nothing while all stays', async () => {
    const watch = new Watch();
    expect(await watch.look()).toEqual([]);
    expect(await watch.look()).toEqual([]);
  });

  it('is told of modules and services', async () => {
    const watch = new Watch();
    await watch.look();
    watch.host.write('proc/modules', 'leaky 16384 0 - Live 0x0000000000000000 (O)\n');
    watch.service('nginx', false);
    watch.service('cron', true);
    const told = await watch.look();
    expect(told).toContain('module-loaded leaky');
    expect(told.filter((t) => t.startsWith('module-unloaded')).length).toBeGreaterThan(0);
    expect(told.filter((t) => t.startsWith('service'))).toEqual([
      'service-started cron.service',
      'service-stopped nginx.service',
    ]);
  });

  it('is told of a service that was restarted between two looks', async () => {
    const watch = new Watch();
    await watch.look();
    watch.service('nginx', false);
    watch.service('other', true);
    watch.service('nginx', true);
    expect(await watch.look()).toContain('service-started nginx.service restarted');
  });

  it('is told of packages by their versions', async () => {
    const watch = new Watch();
    await watch.look();
    watch.host.write('var/lib/dpkg/status', dpkg({ curl: '7.88.1-11', 'linux-image-6.1.0-21-amd64': '6.1.90-1' }));
    expect(await watch.look()).toEqual([
      'package-changed curl:amd64 7.88.1-10 → 7.88.1-11',
      'package-changed linux-image-6.1.0-21-amd64:amd64 new, 6.1.90-1',
      'package-changed nss:amd64 removed, was 2:3.87',
    ]);
  });

  it('is told over a reboot and a restart of the recorder: kernel, drivers, packages; modules and services begin anew', async () => {
    const watch = new Watch();
    await watch.look();
    watch.restart();
    watch.host.write('proc/sys/kernel/osrelease', '6.1.0-21-amd64\n');
    watch.host.write('sys/module/i40e/version', '2.4.10\n');
    watch.host.write('sys/module/new/version', '1\n');
    watch.host.write('proc/modules', '');
    watch.service('nginx', false);
    expect(await watch.look('b')).toEqual([
      'driver-changed i40e 2.3.6 → 2.4.10, while nothing was recorded',
      'kernel-changed kernel 6.1.0-18-amd64 → 6.1.0-21-amd64, while nothing was recorded',
    ]);
  });

  it('is told within one boot of what changed while nothing was recorded', async () => {
    const watch = new Watch();
    await watch.look();
    watch.restart();
    watch.service('cron', true);
    expect(await watch.look()).toEqual(['service-started cron.service while nothing was recorded']);
  });

  it('is not told a thousand times at once', async () => {
    const watch = new Watch();
    await watch.look();
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`package-${i}`, '1']));
    watch.host.write('var/lib/dpkg/status', dpkg(many));
    const told = await watch.look();
    expect(told).toHaveLength(201);
    expect(told.at(-1)).toBe('package-changed 802 more at once');
  });
});
