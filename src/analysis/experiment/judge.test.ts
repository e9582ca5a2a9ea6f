import { describe, expect, test } from 'vitest';
import { every, simulateHost, type MadeHost, type NoiseKind } from '../../../testkit/sample-simulator.ts';
import { judgeAct, type Judgement } from './judge.ts';

const MIB = 2 ** 20;

function judge(host: Partial<MadeHost>, seed: number): Judgement {
  const all = simulateHost({ seed, noise: 'white', scale: 60 * 1024, ...host }, every(1, 80));
  const judged = judgeAct(all.slice(0, 30), all.slice(32), 1029);
  if (!judged) throw new Error('not judged');
  return judged;
}

/** All that is given back is back after a few seconds. */
const givesBack =
  (bytes: number) =>
  (t: number): number =>
    t < 1030 ? 0 : -bytes * (1 - Math.exp(-(t - 1030) / 2));

const RUNS = 16;
const share = (of: (seed: number) => boolean): number =>
  Array.from({ length: RUNS }, (_, i) => of(i + 1)).filter(Boolean).length / RUNS;

describe('whether memory came back', () => {
  test('an act that does nothing is hardly ever said to give memory back, whatever the noise', () => {
    const wrong = (noise: NoiseKind): number => share((seed) => judge({ noise }, seed).outcome === 'came-back');
    expect((['white', 'walk', 'bursts'] as const).map(wrong)).toEqual([0, 0, 0]);
    expect(wrong('steps')).toBeLessThan(0.1);
  }, 60_000);

  test('8 MiB that come back within seconds are found, with their cache, as the kernel’s own', () => {
    const found = share((seed) => {
      const { outcome, kernel, settled, quantities } = judge({ effect: givesBack(8 * MIB) }, seed);
      const cache = quantities.find((q) => q.name === 'kmalloc-128');
      return outcome === 'came-back' && kernel && settled && cache?.sure === true;
    });
    expect(found).toBeGreaterThan(0.95);
  }, 60_000);

  test('the figures are those of the truth', () => {
    const { quantities } = judge({ effect: givesBack(8 * MIB) }, 5);
    for (const name of ['kernel', 'in-use', 'slab-unreclaimable', 'kmalloc-128']) {
      const change = quantities.find((q) => q.name === name)?.effect.change;
      expect([name, (change?.value ?? 0) / MIB]).toEqual([name, expect.closeTo(-8, -0.5)]);
      expect(change?.low).toBeLessThanOrEqual(-8 * MIB);
      expect(change?.high).toBeGreaterThanOrEqual(-8 * MIB);
    }
  });

  test('a steady leak that goes on is neither given back nor taken for a transition', () => {
    const { outcome, stopped, settled } = judge({ leak: (t) => t * 300 * 1024 }, 3);
    expect(outcome).not.toBe('came-back');
    expect(stopped).toBe(false);
    expect(settled).toBe(true);
  });

  test('a leak that ends with the act is not memory that came back', () => {
    const { outcome, stopped, quantities } = judge({ leak: (t) => Math.min(t, 30) * 300 * 1024 }, 3);
    const { driftBefore, driftAfter } = quantities.find((q) => q.name === 'kernel')?.effect ?? {};
    expect([outcome, stopped]).toEqual(['nothing', true]);
    expect(driftBefore?.low).toBeGreaterThan(200 * 1024);
    expect(driftAfter?.high).toBeLessThan(100 * 1024);
  });

  test('what grows after the act is told as that', () => {
    expect(judge({ effect: (t) => (t < 1030 ? 0 : 12 * MIB) }, 2).outcome).toBe('grew');
  });

  test('where noise hides it, it is not said that nothing came back', () => {
    expect(judge({ noise: 'walk', scale: 3 * MIB }, 1).outcome).toBe('cannot-tell');
  });

  test('too few samples are not judged', () => {
    const all = simulateHost({ seed: 1, noise: 'white', scale: 1024 }, every(1, 20));
    expect(judgeAct(all.slice(0, 4), all.slice(4), 1003)).toBeUndefined();
    expect(judgeAct(all.slice(0, 18), all.slice(18), 1017)).toBeUndefined();
  });
});
