import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import { KernelAsked } from './ask-kernel.ts';

const folder = scratch();
const fixture = (path: string): string =>
  readFileSync(new URL(`../../../fixtures/detectors/${path}`, import.meta.url), 'utf8');
const report = fixture('kmemleak/6.1-slub-three.txt');
const kmsg = fixture('kmemleak/6.1-dump.kmsg');
const MOUNTS = 'proc /proc proc rw 0 0\ndebugfs /sys/kernel/debug debugfs rw 0 0\n';
const KMEMLEAK = 'sys/kernel/debug/kmemleak';
/** A file keeps the first bytes that are written to it, where the kernel's would take them. */
const ROOM = `${'\n'.repeat(16)}`;

/** Text that holds this. */
const saying = (text: string): unknown => expect.stringContaining(text);

let trees = 0;
function host(files: Readonly<Record<string, string | Uint8Array>>): KernelAsked & { readonly root: string } {
  const root = writeTree(join(folder, `host-${trees++}`), {
    'proc/mounts': MOUNTS,
    'proc/cmdline': 'quiet\n',
    ...files,
  });
  return Object.assign(new KernelAsked(root), { root });
}
const config = (...lines: readonly string[]): Record<string, Uint8Array> => ({
  'proc/config.gz': gzipSync(`${lines.join('\n')}\n`),
});
const log = (...lines: readonly string[]): Record<string, string> => ({
  'dev/kmsg': ['Linux version 6.1.0', ...lines].map((line, i) => `6,${i},${i},-;${line}\n`).join(''),
});

describe('the state of kmemleak', () => {
  it('is on where its file is there and the log says that it runs', async () => {
    const kernel = host({
      [KMEMLEAK]: '',
      ...config('CONFIG_DEBUG_KMEMLEAK=y'),
      'dev/kmsg': kmsg,
      'proc/9/comm': 'kmemleak\n',
    });
    const status = await kernel.kmemleakStatus();
    expect(status).toMatchObject({ state: 'on', built: true, summary: saying('scans by itself') });
    expect(status.evidence.map(({ text }) => text)).toContain('CONFIG_DEBUG_KMEMLEAK=y');
  });

  it('is not built where the configuration says so', async () => {
    const status = await host(config('# CONFIG_DEBUG_KMEMLEAK is not set')).kmemleakStatus();
    expect(status).toMatchObject({ state: 'not-built', built: false });
  });

  it.each([
    [
      'the pool was used up',
      [
        'kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE',
        'kmemleak: Kernel memory leak detector disabled',
      ],
      'memory pool',
      'MEM_POOL_SIZE 65536',
    ],
    [
      'the early log was too small',
      [
        'kmemleak: Early log buffer exceeded (1438), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE',
        'kmemleak: Kernel memory leak detector disabled',
      ],
      'early log',
      'EARLY_LOG_SIZE 16000',
    ],
    [
      'it was switched off',
      [
        'kmemleak: Kernel memory leak detector initialized (mem pool available: 9)',
        'kmemleak: Kernel memory leak detector disabled',
      ],
      'switched off',
      'kmemleak=on',
    ],
  ])('is off when %s, and what to do is said', async (_, lines, why, remedy) => {
    const kernel = host({
      [KMEMLEAK]: '',
      ...config('CONFIG_DEBUG_KMEMLEAK=y', 'CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE=16000'),
      ...log(...lines),
    });
    const { state, summary, next } = await kernel.kmemleakStatus();
    expect([state, summary]).toEqual(['off', saying(why)]);
    expect(next.map(({ command }) => command).join('\n')).toContain(remedy);
  });

  it('is off by the command line, or by default without it', async () => {
    const built = config('CONFIG_DEBUG_KMEMLEAK=y', 'CONFIG_DEBUG_KMEMLEAK_DEFAULT_OFF=y');
    const off = { [KMEMLEAK]: '', ...built };
    expect(await host({ ...off, 'proc/cmdline': 'kmemleak=off' }).kmemleakStatus()).toMatchObject({
      state: 'off',
      summary: saying('kmemleak=off'),
    });
    expect(await host(off).kmemleakStatus()).toMatchObject({
      state: 'off',
      summary: saying('unless'),
    });
    expect(await host({ ...off, 'proc/cmdline': 'kmemleak=on', 'dev/kmsg': kmsg }).kmemleakStatus()).toMatchObject({
      state: 'on',
    });
  });

  it('says how this host’s boot loader is told', async () => {
    const off = { [KMEMLEAK]: '', ...config('CONFIG_DEBUG_KMEMLEAK=y', 'CONFIG_DEBUG_KMEMLEAK_DEFAULT_OFF=y') };
    expect((await host({ ...off, 'usr/sbin/update-grub': '' }).kmemleakStatus()).next[0]?.command).toContain(
      'update-grub && reboot',
    );
    expect((await host({ ...off, 'usr/sbin/grubby': '' }).kmemleakStatus()).next[0]?.command).toBe(
      "grubby --update-kernel=ALL --args='kmemleak=on' && reboot",
    );
    expect((await host(off).kmemleakStatus()).next[0]?.why).toContain('in the boot loader');
  });

  it('cannot be told without debugfs, and is unknown where nothing tells', async () => {
    const built = config('CONFIG_DEBUG_KMEMLEAK=y');
    expect(await host({ ...built, 'proc/mounts': '' }).kmemleakStatus()).toMatchObject({
      state: 'unreachable',
      next: [{ command: 'mount -t debugfs nodev /sys/kernel/debug' }],
    });
    expect(await host({}).kmemleakStatus()).toMatchObject({ state: 'unknown' });
    expect(await host({ [KMEMLEAK]: '', ...built }).kmemleakStatus()).toMatchObject({ state: 'unknown' });
  });

  it('is read from the configuration in /boot where /proc has none', async () => {
    const files = {
      'proc/sys/kernel/osrelease': '6.1.0\n',
      'boot/config-6.1.0': '# CONFIG_DEBUG_KMEMLEAK is not set\n',
    };
    expect(await host(files).kmemleakStatus()).toMatchObject({ state: 'not-built' });
  });
});

describe('kmemleak’s report', () => {
  it('names who allocated, as a diagnosis does', async () => {
    const kernel = host({ [KMEMLEAK]: report });
    const { verdict, findings, sites, changed } = await kernel.kmemleakReport();
    expect(verdict).toBe('leak');
    expect(findings.map(({ owner, subject }) => [owner?.name, owner?.kind, subject?.type])).toContainEqual([
      'seqleak',
      'module',
      'struct seq_operations',
    ]);
    expect(sites.map(({ function: name, count }) => [name, count])).toContainEqual(['testmod_open', 3]);
    expect(sites.map(({ function: name }) => name)).toContain('alloc_tty_struct');
    expect(changed).toEqual([]);
    expect(readFileSync(join(kernel.root, KMEMLEAK), 'utf8')).toBe(report);
  });

  it('that is empty proves nothing', async () => {
    expect(await host({ [KMEMLEAK]: '' }).kmemleakReport()).toMatchObject({
      verdict: 'inconclusive',
      findings: [],
      sites: [],
    });
  });

  it('is refused in one line where there is none', async () => {
    await expect(host({}).kmemleakReport()).rejects.toThrow('no such file; kleak kmemleak status says why');
    await expect(host({ 'proc/mounts': '' }).kmemleakReport()).rejects.toThrow(
      'mount -t debugfs nodev /sys/kernel/debug',
    );
    const never = host({ 'proc/mounts': '', ...config('# CONFIG_DEBUG_KMEMLEAK is not set') });
    await expect(never.kmemleakReport()).rejects.toThrow('this kernel was built without it (CONFIG_DEBUG_KMEMLEAK)');
  });
});

describe('a scan', () => {
  it('is made twice, and says what it wrote', async () => {
    const kernel = host({ [KMEMLEAK]: ROOM + report });
    const { verdict, changed, sites } = await kernel.kmemleakScan({ pause: 0.01, stacks: true });
    expect([verdict, sites.length]).toEqual(['leak', 5]);
    expect(changed).toEqual([
      expect.stringMatching(/^wrote scan to .*kmemleak, \d/),
      expect.stringMatching(/^wrote scan to /),
    ]);
    expect(readFileSync(join(kernel.root, KMEMLEAK), 'utf8').slice(0, 5)).toBe('scan\n');
  });

  it('sets back what it was asked to change', async () => {
    const kernel = host({ [KMEMLEAK]: ROOM + report });
    const { changed } = await kernel.kmemleakScan({ pause: 0.01, stacks: false, interval: 30 });
    expect(changed.map((line) => /^wrote (\S+)/.exec(line)?.[1])).toEqual([
      'stack=off',
      'scan=30',
      'scan',
      'scan',
      'stack=on',
      'scan=600',
    ]);
  });

  it('sets it back when it is stopped too', async () => {
    const kernel = host({ [KMEMLEAK]: ROOM + report });
    const stopping = new AbortController();
    const scan = kernel.kmemleakScan({
      pause: 60,
      stacks: false,
      stop: stopping.signal,
      progress: (text) => text.includes('until') && stopping.abort(),
    });
    await expect(scan).rejects.toThrow('aborted');
    expect(readFileSync(join(kernel.root, KMEMLEAK), 'utf8').slice(0, 8)).toBe('stack=on');
  });

  it('that finds nothing says so, and what it cannot see', async () => {
    expect(await host({ [KMEMLEAK]: ROOM }).kmemleakScan({ pause: 0.01, stacks: true })).toMatchObject({
      verdict: 'not-a-leak',
      summary: saying('page allocator'),
    });
  });
});

describe('one object', () => {
  it('is described from the kernel’s log', async () => {
    const kernel = host({ [KMEMLEAK]: ROOM, 'dev/kmsg': kmsg });
    expect(await kernel.kmemleakDump('ffff9f6500a01000')).toMatchObject({
      address: 'ffff9f6500a01000',
      sizeBytes: 32,
      state: 'unreferenced',
      process: 'drive',
      pid: 72,
      references: 0,
      needed: 1,
      flags: ['allocated', 'reported'],
      function: 'testmod_open',
      module: 'seqleak',
    });
    expect(readFileSync(join(kernel.root, KMEMLEAK), 'utf8').slice(0, 23)).toBe('dump=0xffff9f6500a01000');
  });

  it('is refused where the address is none, or the log lacks it', async () => {
    await expect(host({ [KMEMLEAK]: '' }).kmemleakDump('hello')).rejects.toThrow('is no address');
    await expect(host({ [KMEMLEAK]: ROOM, 'dev/kmsg': kmsg }).kmemleakDump('0xffff888100000000')).rejects.toThrow(
      'dmesg',
    );
  });

  it('is forgotten by clear', async () => {
    const kernel = host({ [KMEMLEAK]: ROOM });
    expect(await kernel.kmemleakClear()).toEqual([saying('wrote clear')]);
    expect(readFileSync(join(kernel.root, KMEMLEAK), 'utf8').slice(0, 5)).toBe('clear');
  });
});

describe('page_owner', () => {
  it('is on where its file is there, and lists who holds pages', async () => {
    const kernel = host({ 'sys/kernel/debug/page_owner': fixture('page_owner/6.1-slab.txt') });
    expect(await kernel.pageOwnerStatus()).toMatchObject({ state: 'on', built: true });
    const { detector, sites, limits } = await kernel.pageOwnerReport(10);
    expect(detector).toBe('page_owner');
    expect(sites.length).toBeGreaterThan(5);
    expect(limits[0]).toContain('one by one');
  });

  it('is taken from the kernel’s sums where it makes them', async () => {
    const kernel = host({
      'sys/kernel/debug/page_owner': 'unread',
      'sys/kernel/debug/page_owner_stacks/show_stacks':
        ' post_alloc_hook+0x177/0x1a0\n foo_refill+0x10/0x40 [foo]\nnr_base_pages: 20824\n\n',
    });
    expect(await kernel.pageOwnerReport(10)).toMatchObject({
      verdict: 'inconclusive',
      sites: [{ function: 'foo_refill', module: 'foo', bytes: 20_824 * 4096 }],
    });
  });

  it('is off without its parameter, or not built', async () => {
    expect(await host(config('CONFIG_PAGE_OWNER=y')).pageOwnerStatus()).toMatchObject({
      state: 'off',
      next: [{ why: saying('page_owner=on') }],
    });
    expect(await host(config('# CONFIG_PAGE_OWNER is not set')).pageOwnerStatus()).toMatchObject({
      state: 'not-built',
    });
    await expect(host({}).pageOwnerReport(10)).rejects.toThrow('no such file; kleak page-owner status says why');
  });
});

describe('slab traces', () => {
  const traces = 'sys/kernel/debug/slab/kmalloc-cg-32';
  const traced = {
    'sys/kernel/slab/kmalloc-cg-32/store_user': '1\n',
    'sys/kernel/slab/dentry/store_user': '0\n',
    [`${traces}/alloc_traces`]: fixture('slab-traces/6.1-kmalloc-cg-32.alloc_traces.txt'),
    [`${traces}/free_traces`]: fixture('slab-traces/6.1-kmalloc-cg-32.free_traces.txt'),
  };

  it('are kept of the caches that say so', async () => {
    expect(await host(traced).slabTracesStatus()).toMatchObject({ state: 'on', caches: ['kmalloc-cg-32'] });
    expect(await host({ 'sys/kernel/slab/dentry/store_user': '0\n' }).slabTracesStatus()).toMatchObject({
      state: 'off',
      caches: [],
    });
    expect(await host({}).slabTracesStatus()).toMatchObject({ state: 'unknown' });
  });

  it('name who holds a cache’s objects, and who freed others', async () => {
    const { sites, freedBy, inputs } = await host(traced).slabTracesReport('kmalloc-cg-32');
    expect(sites[0]).toMatchObject({ function: 'testmod_open', module: 'seqleak', count: 300, cache: 'kmalloc-cg-32' });
    expect(freedBy?.map(({ function: name }) => name)).toContain('seq_release_private');
    expect(inputs.map(({ kind }) => kind)).toEqual(['slab-traces']);
  });

  it('are refused in one line where a cache has none', async () => {
    await expect(host(traced).slabTracesReport('dentry')).rejects.toThrow('boot with slub_debug=U,dentry');
    await expect(host(traced).slabTracesReport('nope')).rejects.toThrow('no slab cache of that name');
    await expect(host(traced).slabTracesReport('../x')).rejects.toThrow('is no name of a cache');
  });
});
