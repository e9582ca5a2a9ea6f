import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CAPTURES = new URL('../fixtures/captures/', import.meta.url).pathname;
const FILES = ['meminfo', 'vmstat', 'zoneinfo', 'slabinfo', 'uptime', 'modules'] as const;

/** A folder that looks like a host: /proc of a capture, and a boot id. For tests of what reads this host. */
export class MadeHost {
  readonly root: string;

  constructor(root: string, capture = 'page-allocator-leak/start', boot = 'boot-1') {
    this.root = root;
    this.become(capture);
    this.write('proc/sys/kernel/random/boot_id', `${boot}\n`);
    this.write('proc/sys/kernel/osrelease', '6.1.0-18-amd64\n');
  }

  /** The same host at another moment. */
  become(capture: string): void {
    mkdirSync(join(this.root, 'proc'), { recursive: true });
    for (const file of FILES) copyFileSync(join(CAPTURES, capture, file), join(this.root, 'proc', file));
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
