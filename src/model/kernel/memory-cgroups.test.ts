import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { possibleCpus } from './cpus.ts';
import { walkMemoryCgroups } from './memory-cgroups.ts';
import { readPercpuRef } from './percpu-ref.ts';

const ROOT = MADE_BASE + 0x1000n;
const GROUPS = { 'a.service': 0x2000n, 'b.service': 0x3000n, 'job 1': 0x4000n } as const;
const BIAS = 1n << 63n;

/** A root with two groups, the second of which has one below it that is dying. */
function made(): MadeKernel {
  const kernel = new MadeKernel(16, {
    kernfs_node: { name: [0, 'pointer'] },
    cgroup: { kn: [0, 'kernfs_node*'] },
    percpu_ref_data: { count: [0, 'long'] },
    percpu_ref: { percpu_count_ptr: [0, 'long'], data: [8, 'percpu_ref_data*'] },
    page_counter: { usage: [0, 'long'] },
    cgroup_subsys_state: {
      cgroup: [0, 'cgroup*'],
      refcnt: [8, 'percpu_ref'],
      sibling: [24, 'list'],
      children: [40, 'list'],
      flags: [56, 'u32'],
    },
    mem_cgroup_id: { id: [0, 'u32'], ref: [4, 'u32'] },
    mem_cgroup: { css: [0, 'cgroup_subsys_state'], id: [64, 'mem_cgroup_id'], memory: [72, 'page_counter'] },
  });
  kernel.symbols.set('root_mem_cgroup', MADE_BASE + 8n);
  kernel.put(MADE_BASE + 8n, ROOT);
  kernel.put32(ROOT + 56n, 2);
  const [a, b, job] = Object.entries(GROUPS).map(([name, at]) => {
    const address = MADE_BASE + at;
    kernel.put(address, address + 0x100n);
    kernel.put(address + 0x100n, address + 0x200n);
    kernel.put(address + 0x200n, address + 0x300n);
    kernel.text(address + 0x300n, name);
    kernel.put(address + 8n, 3n);
    kernel.put(address + 16n, address + 0x400n);
    kernel.put(address + 0x400n, 7n);
    kernel.put32(address + 56n, 2);
    kernel.put32(address + 68n, 1);
    kernel.put(address + 72n, 50n);
    kernel.link(address + 40n);
    return address;
  });
  kernel.link(ROOT + 40n, (a ?? 0n) + 24n, (b ?? 0n) + 24n);
  kernel.link((b ?? 0n) + 40n, (job ?? 0n) + 24n);
  kernel.put32((job ?? 0n) + 56n, 16);
  kernel.put32((job ?? 0n) + 68n, 0);
  return kernel;
}

describe('memory cgroups', () => {
  it('are walked with their paths, dying ones too', () => {
    const { value, problems } = walkMemoryCgroups(made().kernel);
    expect(problems).toEqual([]);
    expect(value.map(({ path, online, children }) => [path, online, children])).toEqual([
      ['/', true, 2],
      ['/a.service', true, 0],
      ['/b.service', true, 1],
      ['/b.service/job 1', false, 0],
    ]);
    expect(value[0]).not.toHaveProperty('references');
    expect(value[3]).toMatchObject({ references: 7, chargedBytes: 50 * 4096, idReferences: 0 });
  });

  it('on a list that is torn are found from both ends, and that is said', () => {
    const kernel = made();
    kernel.put(MADE_BASE + GROUPS['a.service'] + 24n, 0n);
    const { value, problems } = walkMemoryCgroups(kernel.kernel);
    expect(value.map(({ path }) => path)).toEqual(['/', '/a.service', '/b.service', '/b.service/job 1']);
    expect(problems).toEqual([expect.stringContaining('the cgroups below /')]);
  });

  it('that lead back to themselves end', () => {
    const kernel = made();
    kernel.link(MADE_BASE + GROUPS['a.service'] + 40n, MADE_BASE + GROUPS['b.service'] + 24n);
    expect(walkMemoryCgroups(kernel.kernel).value.length).toBeLessThan(6);
  });

  it('whose names are not in the dump keep their place', () => {
    const kernel = made();
    kernel.put(MADE_BASE + GROUPS['b.service'] + 0x200n, 0xdead_0000n);
    expect(walkMemoryCgroups(kernel.kernel).value.map(({ path }) => path)).toContain('/…/job 1');
  });

  it('are none where the kernel has none', () => {
    expect(walkMemoryCgroups(new MadeKernel(1, {}).kernel)).toEqual({ value: [], problems: [] });
  });
});

describe('a per-CPU reference count', () => {
  const count = (pointer: bigint, atomic: bigint): ReturnType<typeof readPercpuRef> => {
    const kernel = made();
    const at = MADE_BASE + 0x8000n;
    kernel.put(at, pointer);
    kernel.put(at + 8n, at + 16n);
    kernel.put(at + 16n, atomic);
    kernel.put(MADE_BASE + 0x9000n, BigInt.asUintN(64, -2n));
    return readPercpuRef(kernel.kernel, at, possibleCpus(kernel.kernel));
  };

  it('is one number once it was switched', () => {
    expect(count(3n, 12n)).toEqual({ count: 12, killed: true });
    expect(count(1n, 12n)).toEqual({ count: 12, killed: false });
  });

  it('is the sum of all CPUs and of the number without its bias', () => {
    expect(count(MADE_BASE + 0x9000n, BIAS + 5n)).toEqual({ count: 3, killed: false });
  });

  it('on its way between the two still has the bias', () => {
    expect(count((MADE_BASE + 0x9000n) | 1n, BIAS + 5n)).toEqual({ count: 3, killed: false });
  });
});

const dumps = realDumps().filter(({ proc }) => proc('cgroups') !== undefined);
describe.skipIf(dumps.length === 0)(`memory cgroups of real dumps (${WHERE_DUMPS_ARE}, with /proc/cgroups)`, () => {
  it.each(dumps)('of $name are as many as the kernel counts', ({ path, proc }) => {
    const [, counted] = /^(?:memory|pids)\t\d+\t(\d+)/m.exec(proc('cgroups') ?? '') ?? [];
    const { dump, kernel } = openKernel([path]);
    const { value } = walkMemoryCgroups(kernel);
    dump.close();
    expect(value.length).toBe(Number(counted));
  });
});
