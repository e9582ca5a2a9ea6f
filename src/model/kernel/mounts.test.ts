import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel, type MadeTypes } from '../../../testkit/made-kernel.ts';
import { mountOf, pathInMounts, walkMounts } from './mounts.ts';

const SHARED: MadeTypes = {
  qstr: { hash: [0, 'long'], name: [8, 'pointer'] },
  dentry: { d_parent: [0, 'dentry_*'], d_name: [8, 'qstr'] },
  vfsmount: { mnt_root: [0, 'pointer'], mnt_sb: [8, 'pointer'] },
  file_system_type: { name: [0, 'pointer'] },
  super_block: { s_type: [0, 'file_system_type*'] },
};

/** A root file system with proc mounted on /proc and a disk on /srv/data; `mounts` says how they are kept. */
function made(mounts: 'list' | 'tree'): { kernel: MadeKernel; at: (name: string) => bigint } {
  const isTree = mounts === 'tree';
  const kernel = new MadeKernel(8, {
    dentry_: { unused: [0, 'pointer'] },
    ...SHARED,
    rb_node: { parent: [0, 'pointer'], rb_right: [8, 'pointer'], rb_left: [16, 'pointer'] },
    rb_root: { rb_node: [0, 'pointer'] },
    mount: {
      mnt_parent: [0, 'pointer'],
      mnt_mountpoint: [8, 'pointer'],
      mnt: [16, 'vfsmount'],
      mnt_devname: [32, 'pointer'],
      ...(isTree ? { mnt_node: [40, 'rb_node'] as const } : { mnt_list: [40, 'list'] as const }),
    },
    mnt_namespace: isTree ? { mounts: [0, 'rb_root'] } : { list: [0, 'list'] },
    nsproxy: { mnt_ns: [0, 'mnt_namespace*'] },
    task_struct: { nsproxy: [0, 'nsproxy*'] },
  });
  const places = new Map<string, bigint>();
  const at = (name: string): bigint => {
    if (!places.has(name)) places.set(name, MADE_BASE + BigInt(0x100 + places.size * 0x80));
    return places.get(name) ?? 0n;
  };
  const text = (words: string): bigint => {
    kernel.text(at(`text ${words}`), words);
    return at(`text ${words}`);
  };
  const dentry = (name: string, parent: string, called: string): void => {
    kernel.put(at(name), at(parent));
    kernel.put(at(name) + 16n, text(called));
  };
  dentry('root', 'root', '/');
  dentry('proc', 'root', 'proc');
  dentry('srv', 'root', 'srv');
  dentry('data', 'srv', 'data');
  dentry('proc root', 'proc root', '/');
  dentry('disk root', 'disk root', '/');
  dentry('file', 'disk root', 'a\u001bfile');
  const mount = (name: string, parent: string, on: string, root: string, type: string): void => {
    const here = at(name);
    kernel.put(here, at(parent));
    kernel.put(here + 8n, at(on));
    kernel.put(here + 16n, at(root));
    kernel.put(here + 24n, at(`${name} superblock`));
    kernel.put(here + 32n, text(name));
    kernel.put(at(`${name} superblock`), at(`${name} type`));
    kernel.put(at(`${name} type`), text(type));
  };
  mount('rootfs', 'rootfs', 'root', 'root', 'rootfs');
  mount('none', 'rootfs', 'proc', 'proc root', 'proc');
  mount('/dev/sda1', 'rootfs', 'data', 'disk root', 'ext4');
  kernel.put(at('task'), at('nsproxy'));
  kernel.put(at('nsproxy'), at('namespace'));
  const [first, second, third] = ['rootfs', 'none', '/dev/sda1'].map((name) => at(name) + 40n);
  if (isTree) {
    kernel.put(at('namespace'), second ?? 0n);
    kernel.put((second ?? 0n) + 16n, first ?? 0n);
    kernel.put((second ?? 0n) + 8n, third ?? 0n);
  } else kernel.link(at('namespace'), first ?? 0n, second ?? 0n, third ?? 0n);
  return { kernel, at };
}

describe('mounts', () => {
  it.each(['list', 'tree'] as const)('are found in a %s, each with the path that it is at', (kind) => {
    const { kernel, at } = made(kind);
    const { value, problems } = walkMounts(kernel.kernel, at('task'));
    expect(problems).toEqual([]);
    expect(value.map(({ type, device, directory }) => [type, device, directory])).toEqual([
      ['rootfs', 'rootfs', '/'],
      ['proc', 'none', '/proc'],
      ['ext4', '/dev/sda1', '/srv/data'],
    ]);
    expect(value.map(({ superblock }) => superblock)).toEqual(
      ['rootfs', 'none', '/dev/sda1'].map((name) => at(`${name} superblock`)),
    );
  });

  it('that go round are each found once, and said to', () => {
    const { kernel, at } = made('tree');
    kernel.put(at('/dev/sda1') + 48n, at('rootfs') + 40n);
    const { value, problems } = walkMounts(kernel.kernel, at('task'));
    expect(value).toHaveLength(3);
    expect(problems).toEqual([expect.stringContaining('goes round')]);
  });

  it('of a task that has exited are none', () => {
    const { kernel, at } = made('list');
    kernel.put(at('task'), 0n);
    expect(walkMounts(kernel.kernel, at('task'))).toEqual({
      value: [],
      problems: [expect.stringContaining('has exited')],
    });
  });

  it('are not looked for without types', () => {
    const kernel = new MadeKernel(1, {});
    expect(walkMounts(kernel.kernel, MADE_BASE).problems).toEqual([expect.stringMatching(/^no mounts: /)]);
  });
});

describe('a path', () => {
  it('leads through what is mounted', () => {
    const { kernel, at } = made('list');
    expect(pathInMounts(kernel.kernel, at('/dev/sda1'), at('file'))).toBe('/srv/data/a\u001bfile');
    expect(pathInMounts(kernel.kernel, mountOf(kernel.kernel, at('rootfs') + 16n), at('srv'))).toBe('/srv');
  });

  it('that goes round, or of which a part cannot be read, begins with …', () => {
    const { kernel, at } = made('list');
    kernel.put(at('srv'), at('data'));
    expect(pathInMounts(kernel.kernel, at('rootfs'), at('data'))).toMatch(/^…\//);
    kernel.put(at('data'), 0x1234n);
    expect(pathInMounts(kernel.kernel, at('rootfs'), at('data'))).toBe('…/data');
  });
});
