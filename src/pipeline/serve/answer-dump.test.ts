import { afterAll, describe, expect, it } from 'vitest';
import { realDumps } from '../../../testkit/real-dumps.ts';
import { DumpReader } from './answer-dump.ts';

const dumps = realDumps().filter(({ name }) => name === 'x86-64-slub' || name === 'arm64-slab');

describe.each(dumps)('the dump $name, question by question', { timeout: 120_000 }, ({ path, name }) => {
  const reader = new DumpReader(path);
  afterAll(() => reader.close());
  const leaked = name === 'arm64-slab' ? 'kmalloc-cg-128' : 'kmalloc-cg-32';
  const sampleOf = (cache: string): string => reader.cache(cache).groups[0]?.samples[0] ?? '';

  it('is mapped: uses add up to all memory, and no part or type is more than what it is a part of', () => {
    const { areas, totalBytes, unreachable } = reader.map();
    const sum = (of: readonly { readonly bytes: number }[]): number => of.reduce((all, { bytes }) => all + bytes, 0);
    expect(Math.abs(sum(areas) - totalBytes)).toBeLessThan(totalBytes / 100);
    for (const area of areas) {
      expect([area.name, sum(area.parts) <= area.bytes * 1.001]).toEqual([area.name, true]);
      for (const part of area.parts) expect([part.name, sum(part.types) <= part.bytes]).toEqual([part.name, true]);
    }
    expect(unreachable.objects).toBeGreaterThanOrEqual(5000);
  });

  it('has the type of what leaked in the map, and that nothing leads to it', () => {
    const part = reader
      .map()
      .areas.flatMap(({ parts }) => parts)
      .find((one) => one.name === leaked);
    const type = part?.types.find((one) => one.type === 'struct seq_operations');
    expect(type?.unreachable).toBeGreaterThanOrEqual(4990);
    expect(type?.unreachable).toBeLessThanOrEqual(type?.objects ?? 0);
  });

  it('shows an object with where its words lead, and as the struct that it is', () => {
    const address = sampleOf(leaked);
    const view = reader.view({ address, type: 'seq_operations' });
    expect(view.from).toBe(address);
    expect(view.at.slab).toMatchObject({ cache: leaked, object: address, state: 'allocated' });
    expect(view.rows.flatMap(({ words }) => words)[0]?.leads).toMatchObject({ kind: 'symbol', symbol: 'single_start' });
    expect(view.struct?.members.map((member) => member.name)).toEqual(['start', 'stop', 'next', 'show']);
    expect(reader.view({ address, type: 'no_such_struct' }).structProblem).toContain('no struct');
    const refs = reader.refs(address);
    expect(refs).toMatchObject({ count: 0, reachable: false });
  });

  it('says of memory that it has not got why, a page at most at a time', () => {
    const view = reader.view({ address: '0', bytes: 100_000 });
    expect(view.bytes).toBe(4096);
    expect(view.rows.every(({ bytes, missing }) => bytes === undefined && missing === 'is not mapped')).toBe(true);
  });

  it('names the types of those who point at a socket that is in use', () => {
    const address = sampleOf('UNIX');
    const refs = reader.refs(address);
    expect(refs.target?.inObject?.type).toBe('struct unix_sock');
    expect(refs.referrers.map(({ inObject }) => inObject?.type)).toContain('struct socket_alloc');
    expect(refs.chain.at(-1)?.inObject?.object).toBe(address);
  });
});
