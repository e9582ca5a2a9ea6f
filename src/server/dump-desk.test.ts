import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { realDumps } from '../../testkit/real-dumps.ts';
import { DumpDesk, type DumpDeskOptions } from './dump-desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-desk-'));
const desks: DumpDesk[] = [];
const desk = (options: DumpDeskOptions = {}): DumpDesk => {
  const made = new DumpDesk(options);
  desks.push(made);
  return made;
};
const dump = realDumps().find(({ name }) => name === 'x86-64-slub')?.path ?? '';
const MINUTE = 60_000;

afterAll(() => {
  for (const one of desks) one.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('questions about a dump', { timeout: 2 * MINUTE }, () => {
  it('are answered by a process, one after the other, and an answer is kept', async () => {
    const one = desk();
    const memory = await one.wait(dump, { kind: 'view', address: 'init_task' }, MINUTE);
    expect(memory).toMatchObject({ state: 'done' });
    const lost = await one.wait(dump, { kind: 'lost' }, MINUTE);
    expect(lost.state === 'done' ? JSON.parse(lost.body) : lost).toMatchObject({ unreachable: { objects: 5004 } });
    expect(one.ask(dump, { kind: 'lost' })).toBe(one.ask(dump, { kind: 'lost' }));
  });

  it('of what is no dump, of no such cache, and of no such symbol end with a line that says so', async () => {
    const one = desk();
    const noise = join(folder, 'noise');
    writeFileSync(noise, 'nothing of a kernel\n'.repeat(1000));
    const problem = async (path: string, question: Parameters<DumpDesk['ask']>[1]): Promise<string> => {
      const state = await one.wait(path, question, MINUTE);
      return state.state === 'failed' ? state.problem : state.state;
    };
    expect(await problem(noise, { kind: 'map' })).toMatch(/^[^\n]+noise: [^\n]+$/);
    expect(await problem(dump, { kind: 'cache', name: 'no-such-cache' })).toContain('has no slab cache');
    expect(await problem(dump, { kind: 'view', address: 'no_such_symbol' })).toContain('has no symbol');
    expect(await problem(dump, { kind: 'view', address: 'init_task' })).toBe('done');
  });

  it('that take too long are given up with their process; the next is answered by another', async () => {
    const one = desk({ patience: 5 });
    expect(await one.wait(dump, { kind: 'map' }, MINUTE)).toMatchObject({ state: 'failed', problem: /took longer/ });
    const patient = desk();
    expect(await patient.wait(dump, { kind: 'view', address: 'init_task' }, MINUTE)).toMatchObject({ state: 'done' });
  });

  it('can be cancelled, and are tried again when asked to', async () => {
    const one = desk();
    expect(one.ask(dump, { kind: 'map' })).toMatchObject({ state: 'working' });
    one.cancel(dump, { kind: 'map' });
    expect(one.ask(dump, { kind: 'map' })).toMatchObject({ state: 'failed', problem: 'cancelled' });
    one.retry(dump, { kind: 'map' });
    expect(await one.wait(dump, { kind: 'map' }, MINUTE)).toMatchObject({ state: 'done' });
  });

  it('more than may wait are refused, and a dump that is no longer there is forgotten', () => {
    const one = desk({ atOnce: 1 });
    const states = Array.from({ length: 60 }, (_, i) => one.ask(dump, { kind: 'cache', name: `c${i}` }).state);
    expect(states.filter((state) => state === 'failed').length).toBeGreaterThan(20);
    one.forget(dump);
    expect(one.look(dump, { kind: 'cache', name: 'c0' })).toBeUndefined();
  });
});
