import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { typingTools } from '../core/groups.ts';
import { CoreSession } from '../core/session.ts';
import { measureHolders, type Holders } from './holders.ts';
import { holdings } from './holdings.ts';
import { processHoldings } from './process-holdings.ts';

/** Milliseconds, side by side with other tests. */
const SLOW = 60_000;
const dumps = realDumps();
const ring = dumps.filter(({ name }) => name === '6.1-ring');

function within<T>(path: string, work: (session: CoreSession, holders: Holders) => T): T {
  const session = CoreSession.open(path);
  try {
    return work(session, measureHolders(session));
  } finally {
    session.close();
  }
}

describe.skipIf(dumps.length === 0)(`holders in real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)(
    'of $name: everything that can be reached has one or several, and nothing else has',
    ({ path }) => {
      const { held, wrong } = within(path, ({ reachability: { space, marked } }, { labels }) => {
        let [some, bad] = [0, 0];
        for (let node = 0; node < space.count; node++) {
          const isHeld = labels[node] !== -1;
          if (isHeld) some++;
          // What only a span of pages, or a user's mapping, leads to has no word that holds it.
          if (isHeld && !marked.has(node)) bad++;
        }
        return { held: some, wrong: bad };
      });
      expect(held).toBeGreaterThan(1000);
      expect(wrong).toBe(0);
    },
    SLOW,
  );

  it.each(dumps)(
    'of $name: no module and no variable of the kernel alone keeps so much that it would be told without a series',
    ({ path, name }) => {
      const found = within(path, (session, holders) => holdings(session, holders, typingTools(session), new Map()));
      const modules = found.map(({ holder }) => (holder.kind === 'module' ? holder.module : holder.kind));
      expect(modules).toEqual(name === '6.1-ring' ? ['ringleak'] : []);
    },
    SLOW,
  );

  it.each(dumps)(
    'of $name: processes are told with no more than what there is',
    ({ path }) => {
      within(path, (session, holders) => {
        const { parts, most } = processHoldings(session, holders);
        for (const { share } of parts) expect(share).toBeLessThanOrEqual(1);
        for (const { pid, objects } of most) expect(pid * objects).toBeGreaterThan(0);
      });
    },
    SLOW,
  );

  it.skipIf(ring.length === 0).each(ring)(
    'of $name: pages of a ring are told with the table that leads to them',
    ({ path }) => {
      const [first] = within(path, (session, holders) => holdings(session, holders, typingTools(session), new Map()));
      expect(first?.parts[0]).toMatchObject({ of: 'pages' });
      expect(first?.parts[0].objects).toBeGreaterThan(500);
      expect(first?.way.length).toBeGreaterThan(1);
    },
    SLOW,
  );
});
