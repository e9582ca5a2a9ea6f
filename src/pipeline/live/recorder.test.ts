import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MadeHost } from '../../../testkit/made-host.ts';
import { scratch } from '../../../testkit/read-input.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { Recorder } from './recorder.ts';

const folder = scratch();
const DAY = 86_400_000;
let hosts = 0;

function recorderOn(
  file: string,
  host = new MadeHost(join(folder, `host-${hosts++}`)),
): { recorder: Recorder; told: string[]; host: MadeHost } {
  const told: string[] = [];
  const recorder = new Recorder({
    file,
    keep: 90 * DAY,
    processes: 1000,
    root: host.root,
    tell: (line) => void told.push(line),
  });
  return { recorder, told, host };
}

function read(file: string): { samples: number; kinds: readonly string[] } {
  const store = new SampleStore(file, 'read');
  try {
    return { samples: store.extent()?.samples ?? 0, kinds: store.events().map((e) => e.kind) };
  } finally {
    store.close();
  }
}

describe('a recording', { timeout: 60_000 }, () => {
  it('goes on over a reboot into a kernel that calls a cache by another name', async () => {
    const file = join(folder, 'reboot.db');
    const { recorder, host } = recorderOn(file);
    await recorder.turn();
    recorder.close();
    host.become('sequence-file/end');
    host.write('proc/sys/kernel/random/boot_id', 'boot-2\n');
    host.write('proc/sys/kernel/osrelease', '6.12.0-1-amd64\n');
    const again = recorderOn(file, host);
    await again.recorder.turn();
    again.recorder.close();
    const store = new SampleStore(file, 'read');
    const [before, after] = [...store.samples()].map((s) => new Set(s.caches.map((c) => c.name)));
    expect([before?.has('kmalloc-cg-32'), after?.has('kmalloc-cg-32')]).toEqual([false, true]);
    expect(store.events().map((e) => [e.boot, e.kind])).toEqual([
      ['boot-1', 'recording-started'],
      ['boot-1', 'recording-stopped'],
      ['boot-2', 'boot'],
      ['boot-2', 'recording-started'],
      ['boot-2', 'kernel-changed'],
      ['boot-2', 'recording-stopped'],
    ]);
    store.close();
  });

  it('is refused to a second recorder in a line, and loses nothing by it', async () => {
    const file = join(folder, 'second.db');
    const { recorder } = recorderOn(file);
    await recorder.turn();
    expect(() => recorderOn(file)).toThrow(
      /^\S+second\.db: another kleak record writes to it; stop that one, or [^\n]+$/,
    );
    await recorder.turn();
    recorder.close();
    expect(read(file).samples).toBe(2);
  });

  it('begins anew where its file was deleted, and says so once', async () => {
    const file = join(folder, 'gone.db');
    const { recorder, told } = recorderOn(file);
    await recorder.turn();
    renameSync(file, `${file}.away`);
    for (let i = 0; i < 70; i++) await recorder.turn();
    recorder.close();
    expect(told.filter((t) => t.includes('the file is gone'))).toHaveLength(1);
    expect(read(file).samples).toBeGreaterThan(0);
  });

  it('sets a file aside that is damaged under its hands, and goes on', async () => {
    const file = join(folder, 'damaged.db');
    const first = recorderOn(file);
    for (let i = 0; i < 3; i++) await first.recorder.turn();
    first.recorder.close();
    writeFileSync(file, Buffer.alloc(20_000, 0x5a));
    const { recorder, told } = recorderOn(file, first.host);
    expect((await recorder.turn()).state).toBe('written');
    recorder.close();
    expect(told.join('\n')).toMatch(/was corrupt \(file is not a database\); it is kept as \S+\.corrupt-/);
    expect(readdirSync(folder).filter((name) => name.startsWith('damaged.db.corrupt-'))).toHaveLength(1);
  });

  it('says once what it cannot read, and goes on when the host has no account of memory for a while', async () => {
    const file = join(folder, 'lacking.db');
    const { recorder, told, host } = recorderOn(file);
    rmSync(join(host.root, 'proc/slabinfo'));
    await recorder.turn();
    await recorder.turn();
    expect(told).toEqual(['/proc/slabinfo: no such file (it gives every slab cache)']);
    const meminfo = join(host.root, 'proc/meminfo');
    renameSync(meminfo, `${meminfo}.away`);
    expect(await recorder.turn()).toEqual({ state: 'nothing' });
    expect(await recorder.turn()).toEqual({ state: 'nothing' });
    renameSync(`${meminfo}.away`, meminfo);
    expect((await recorder.turn()).state).toBe('written');
    recorder.close();
    expect(read(file).samples).toBe(3);
    expect(told.slice(1)).toEqual([expect.stringMatching(/^this host: .proc.meminfo: no such file/)]);
  });

  const mounted = join(folder, 'small');
  const isRoot = mountSmall(mounted);
  afterAll(() => void spawnSync('umount', [mounted]));

  it.skipIf(!isRoot)(
    'stops on a full disk, says so once, and goes on when there is room (needs root, for a tmpfs)',
    async () => {
      const file = join(mounted, 'samples.db');
      const { recorder, told } = recorderOn(file);
      await recorder.turn();
      const ballast = join(mounted, 'ballast');
      fill(ballast);
      const states: string[] = [];
      for (let i = 0; i < 40; i++) states.push((await recorder.turn()).state);
      expect(states.slice(-5)).toEqual(Array.from({ length: 5 }, () => 'full'));
      expect(told.filter((t) => t.includes('no room on the disk'))).toHaveLength(1);
      rmSync(ballast);
      expect((await recorder.turn()).state).toBe('written');
      expect(told.at(-1)).toContain('there is room again');
      recorder.close();
      const written = 2 + states.filter((state) => state === 'written').length;
      expect(read(file)).toEqual({ samples: written, kinds: ['recording-started', 'recording-stopped'] });
    },
  );
});

/** A file system of 512 KiB; false where this user may not mount one. */
function mountSmall(at: string): boolean {
  mkdirSync(at);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', at]).status === 0;
}

/** Takes all the room there is. */
function fill(file: string): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k', 'count=1000'], { stdio: 'ignore' });
  } catch {
    // No space left on device: as intended.
  }
}
