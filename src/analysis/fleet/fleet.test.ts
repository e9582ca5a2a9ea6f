import { describe, expect, it } from 'vitest';
import { makeFleet, type FleetPlan } from '../../../testkit/fleet-simulator.ts';
import { aboveNormal, aboveStudent, fisher, standing } from './chance.ts';
import { tabulate } from './exposures.ts';
import { measureHostTrend } from './host-trend.ts';
import { divideHosts } from './leaking-hosts.ts';
import { separate } from './separate.ts';

const STEP = 21_600;

function look(plan: Partial<FleetPlan>) {
  const fleet = makeFleet({ seed: 7, hosts: 300, days: 30, step: STEP, cause: 'none', ...plan });
  const made = [...fleet.hosts()];
  const cohorts = divideHosts(made.map(({ host }) => measureHostTrend(host, fleet.grid)));
  const named = new Set(cohorts.leaking.map(({ name }) => name));
  const count = (leaks: 'yes' | 'no', found: boolean): number =>
    made.filter((one) => one.leaks === leaks && named.has(one.host.name) === found).length;
  return { fleet, cohorts, count, found: separate(tabulate(cohorts, STEP)).found };
}

describe('made-up fleets', () => {
  it.each([11, 12, 13, 14, 15, 16])('seed %i: one attribute at fault is first, its hosts are found', (seed) => {
    const { fleet, count, found } = look({ seed, cause: 'single' });
    expect(found[0]?.exposure.attributes).toEqual(fleet.truth);
    expect(count('yes', true)).toBeGreaterThanOrEqual(0.95 * (count('yes', true) + count('yes', false)));
    expect(count('no', true)).toBeLessThanOrEqual(0.03 * (count('no', true) + count('no', false)));
  });

  it.each([21, 22, 23])('seed %i: two attributes at fault together are named together', (seed) => {
    const { fleet, found } = look({ seed, hosts: 600, cause: 'pair' });
    expect([...(found[0]?.exposure.attributes ?? [])].toSorted()).toEqual(fleet.truth);
  });

  it.each([31, 32, 33])('seed %i: nothing separates hosts that leak for no reason in common', (seed) => {
    expect(look({ seed, cause: 'unrelated' }).found).toEqual([]);
  });

  it('12 of 400 hosts with one version of a driver are named by it', () => {
    const few = { attribute: 'driver_i40e', value: '2.3.6', hosts: 12 };
    const { found } = look({ hosts: 400, few });
    expect(found[0]?.exposure.label).toBe('driver_i40e = 2.3.6');
    expect(found[0]?.counts[0]).toBe(12);
  });
});

describe('chances', () => {
  it('are those of the tables', () => {
    expect(aboveNormal(1.959964)).toBeCloseTo(0.025, 6);
    expect(aboveNormal(-1)).toBeCloseTo(0.841345, 5);
    expect(aboveStudent(2.228, 10)).toBeCloseTo(0.025, 2);
    expect(fisher(3, 1, 1, 3)).toBeCloseTo(0.242857, 5);
  });

  it('many at once are held to a rate of false ones', () => {
    expect(standing([0.001, 0.02, 0.9, 0.04], 0.05)).toEqual([true, true, false, false]);
  });
});
