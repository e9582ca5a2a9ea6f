import { describe, expect, it } from 'vitest';
import { buildKernel, type BuiltKernel, type KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import { perCpu, possibleCpus, type Cpu } from './cpus.ts';

function read(
  options: KernelOptions,
  damage: (built: BuiltKernel) => void = () => undefined,
): { readonly built: BuiltKernel; readonly cpus: readonly Cpu[]; readonly problems: readonly string[] } {
  const built = buildKernel({ types: false, ...options });
  damage(built);
  const problems: string[] = [];
  return { built, cpus: possibleCpus(built.open(), (problem) => problems.push(problem)), problems };
}

const symbol = ({ machine }: BuiltKernel, name: string): bigint => machine.symbols.get(name) ?? 0n;

describe('the CPUs of a kernel', () => {
  it.each([0n, 0xffffffff83000000n])(
    'have copies of per-CPU data where their offsets say, linked at %i',
    (perCpuBase) => {
      const { built, cpus, problems } = read({ cpus: 4, perCpuBase });
      const pointer = built.cpus.allocate(64);
      expect(cpus.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
      for (const cpu of cpus) expect(perCpu(pointer, cpu)).toBe(built.cpus.at(pointer, cpu.number));
      expect(problems).toEqual([]);
    },
  );

  it('are those that are possible, some of which are not online', () => {
    const { cpus } = read({ cpus: 8 }, (built) => {
      built.machine.poke(symbol(built, '__cpu_possible_mask'), 8, 0b1011_0101);
      built.machine.poke(symbol(built, '__cpu_online_mask'), 8, 0b0001_0101);
    });
    expect(cpus.map(({ number }) => number)).toEqual([0, 2, 4, 5, 7]);
    expect(cpus.filter(({ online }) => online).map(({ number }) => number)).toEqual([0, 2, 4]);
  });

  it('are one where the kernel is built for one', () => {
    const { cpus } = read({ cpus: 1 }, ({ machine }) => machine.symbols.delete('__per_cpu_offset'));
    expect(cpus).toEqual([{ number: 0, offset: 0n, online: true }]);
  });

  it('are as many as there are numbers for where the masks have other names (before 4.5)', () => {
    const { cpus } = read({ cpus: 3 }, ({ machine }) => {
      machine.symbols.delete('__cpu_possible_mask');
      machine.symbols.delete('__cpu_online_mask');
    });
    expect(cpus.map(({ number }) => number)).toEqual([0, 1, 2]);
  });

  it('are no more than any kernel has, where their count is damaged', () => {
    const { cpus } = read({ cpus: 2 }, (built) => built.machine.poke(symbol(built, 'nr_cpu_ids'), 4, 0xffffffff));
    expect(cpus.length).toBeLessThanOrEqual(8192);
    expect(cpus.slice(0, 2).map(({ number }) => number)).toEqual([0, 1]);
  });

  it('are left out where their offsets are not in the dump, and it is said', () => {
    const { cpus, problems } = read({ cpus: 4 }, ({ machine }) =>
      machine.symbols.set('__per_cpu_offset', 0xffffc90000000000n),
    );
    expect(cpus).toEqual([]);
    expect(problems).toEqual(['the per-CPU memory of 4 CPUs cannot be found']);
  });
});
