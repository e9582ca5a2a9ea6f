import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, writeTree } from '../../../testkit/read-input.ts';
import { findTracefs } from './find-tracefs.ts';
import { ProcessNames } from './process-names.ts';
import { removeLeftovers, TraceInstance } from './trace-instance.ts';

const folder = scratch();
const SUPPORTED = 'nodev\ttracefs\nnodev\tdebugfs\n';

describe('tracefs', () => {
  it('is found where it is mounted, below debugfs too', () => {
    const root = writeTree(join(folder, 'a'), { 'proc/mounts': 'tracefs /sys/kernel/tracing tracefs rw 0 0\n' });
    mkdirSync(join(root, 'sys/kernel/tracing/instances'), { recursive: true });
    expect(findTracefs(root)).toEqual({ state: 'there', folder: `${root}/sys/kernel/tracing` });
    const other = writeTree(join(folder, 'b'), { 'proc/mounts': 'd /sys/kernel/debug debugfs rw 0 0\n' });
    mkdirSync(join(other, 'sys/kernel/debug/tracing/instances'), { recursive: true });
    expect(findTracefs(other)).toEqual({ state: 'there', folder: `${other}/sys/kernel/debug/tracing` });
  });

  it('is missing for a reason', () => {
    const root = writeTree(join(folder, 'c'), { 'proc/mounts': '', 'proc/filesystems': SUPPORTED });
    expect(findTracefs(root)).toMatchObject({ state: 'missing', because: 'tracefs is not mounted' });
    const without = writeTree(join(folder, 'd'), { 'proc/mounts': '', 'proc/filesystems': 'nodev\tproc\n' });
    expect(findTracefs(without)).toMatchObject({
      state: 'missing',
      because: 'this kernel has no tracefs (CONFIG_TRACING is off)',
    });
  });
});

describe('instances', () => {
  it('of runs that are gone are removed, others stay', () => {
    const root = writeTree(join(folder, 'e'), { 'proc/77/comm': 'kleak\n' });
    const tracefs = join(root, 'tracing');
    for (const name of ['kleak-77-a', 'kleak-78-a', 'kleak-78-f', 'perf-78', 'kleak-x'])
      mkdirSync(join(tracefs, 'instances', name), { recursive: true });
    expect(removeLeftovers(tracefs, root)).toEqual(['kleak-78-a', 'kleak-78-f']);
    expect(['kleak-77-a', 'perf-78', 'kleak-x'].every((name) => existsSync(join(tracefs, 'instances', name)))).toBe(
      true,
    );
    expect(removeLeftovers(join(root, 'nothing'), root)).toEqual([]);
  });

  it('are gone when they are removed, and need a tracefs to be made in', () => {
    const tracefs = join(folder, 'f');
    mkdirSync(join(tracefs, 'instances'), { recursive: true });
    const instance = new TraceInstance(tracefs, 'a', 4711);
    expect(instance.folder).toBe(`${tracefs}/instances/kleak-4711-a`);
    expect(existsSync(instance.folder)).toBe(true);
    expect(instance.set('no/such/file', '1')).toBe(false);
    expect(() => instance.mustSet('no/such/file', '1')).toThrow('the kernel does not take “1”');
    expect(() => new TraceInstance(tracefs, 'a', 4711)).toThrow('EEXIST; another trace of this process runs');
    expect(() => new TraceInstance(join(folder, 'nothing'), 'a')).toThrow('no trace instance can be made: ENOENT');
  });
});

describe('names of processes', () => {
  it('are those of the process for each of its threads, and of those that ended from the list of tracing', () => {
    const root = writeTree(join(folder, 'g'), {
      'proc/12/status': 'Name:\tworker\nTgid:\t10\n',
      'proc/10/comm': 'server\n',
      'tracing/saved_cmdlines': '20 drive\n21 <...>\n',
    });
    const names = new ProcessNames(join(root, 'tracing'), root);
    expect([12, 20, 21, 0].map((pid) => names.of(pid))).toEqual(['server', 'drive', 'pid 21', 'idle']);
  });
});
