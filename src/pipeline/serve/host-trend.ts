import { bytes, seconds, type Bytes } from '../../base/units.ts';
import type { TrendDocument } from '../../findings/trend.ts';
import type { HostEvent, HostEventKind } from '../../model/sample.ts';
import { isHostEventKind } from '../../sources/store/event-kinds.ts';
import type { PushedSample } from '../../sources/store/pushed-sample.ts';
import type { PushedEvent } from '../../sources/store/server-store.ts';
import { Recording } from '../trend/recording.ts';
import { describeTrend } from '../trend/trend.ts';

/** Caches that are measured, those that changed most: a page waits for it. */
const MOST_CACHES = 16;

/** What `kleak trend` says of samples that a host pushed, oldest first. Undefined where there are fewer than two. */
export function trendOfPushed(
  host: string,
  samples: readonly PushedSample[],
  events: readonly PushedEvent[],
): TrendDocument | undefined {
  const recording = new Recording();
  for (const { at, boot, totalBytes, unexplained, buckets, caches } of samples)
    recording.add({
      at,
      boot,
      // Pushed samples have no clock but the wall's.
      uptime: seconds(at / 1000),
      totalBytes: amount(totalBytes),
      buckets: new Map(Object.entries(buckets).map(([name, held]) => [name, amount(held)])),
      ...(unexplained === undefined ? {} : { unexplained: amount(unexplained) }),
      // As hosts are judged on the list: what the kernel gives back before memory is used up.
      available: amount((buckets['free'] ?? 0) + (buckets['page-cache'] ?? 0)),
      caches: caches.map((cache) => ({ name: cache.name, bytes: amount(cache.bytes) })),
      processes: [],
    });
  recording.events.push(...events.toSorted((a, b) => a.at - b.at).map(eventOf));
  return describeTrend(
    { recording, wallClock: true, inputs: [{ kind: 'samples', file: host }], unread: [] },
    host,
    MOST_CACHES,
  );
}

/** A host may send any number: what is no amount counts as the nearest. */
const amount = (n: number): Bytes => bytes(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(n))));

/** A kind that the recorder does not know is a mark, called as it was: the server's own, those of a newer kleak. */
function eventOf({ at, kind, name, detail }: PushedEvent): HostEvent {
  const known: HostEventKind = isHostEventKind(kind) ? kind : 'mark';
  const told = isHostEventKind(kind) ? name : `${kind.replaceAll('-', ' ')} ${name}`;
  return { at, boot: '', kind: known, name: told, ...(detail === undefined ? {} : { detail }) };
}
