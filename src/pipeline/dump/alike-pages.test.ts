import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { CoreSession } from '../core/session.ts';
import { alikePages } from './alike-pages.ts';

const dumps = realDumps().filter(({ name }) => name === 'x86-64-slub');

describe.skipIf(dumps.length === 0)(`blocks of pages that begin alike (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are told by their first bytes; pages of zeros tell nothing', ({ path }) => {
    const session = CoreSession.open(path);
    const { space } = session.reachability;
    const { physical } = session.kernel.memory;
    const singles = space.extras.flatMap(({ kind, frames, frame }, i) => {
      const bytes = new Uint8Array(64);
      const isRead = kind === 'pages' && frames === 1 && physical.read(frame * space.pageSize, bytes).length === 0;
      return isRead ? [{ node: space.table.objects + i, bytes }] : [];
    });
    const zeros = singles.filter(({ bytes }) => bytes.every((byte) => byte === 0)).map(({ node }) => node);
    const others = singles.filter(({ bytes }) => bytes.slice(0, 16).some((byte) => byte !== 0));
    expect(zeros.length).toBeGreaterThan(1);
    expect(alikePages(session, zeros, [])).toBeUndefined();
    const [one] = others;
    expect(one).toBeDefined();
    const found = alikePages(session, [one?.node ?? 0], [...zeros, one?.node ?? 0]);
    expect(found?.nodes).toEqual([one?.node]);
    expect(found?.begins).not.toBe('');
    session.close();
  });
});
