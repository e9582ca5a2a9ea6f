import type { HostEvent, HostEventKind } from '../../model/sample.ts';
import type { TimedReader } from '../../sources/live/timed-reader.ts';
import { WATCHED, type Listed, type Listing, type Watched } from './listings.ts';

/** When a look is taken. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly boot: string;
}

/** What changed since the look before, and what to keep so that the next look, perhaps by another process, can tell. */
export interface Changes {
  readonly events: readonly HostEvent[];
  readonly state: ReadonlyMap<string, string>;
}

/** What was listed when it was looked at last, as it is kept between runs. */
interface Remembered {
  readonly boot: string;
  readonly stamp?: string;
  readonly listing: Listing;
}

/** Of one kind at one look; an upgrade of a whole distribution is one event more that says how many. */
const MOST_EVENTS = 200;

/**
 * Notices what changes on a host: modules, services, drivers, packages, the kernel. Reads lists and compares them with
 * those before; runs no program. Long lists are not kept in memory but asked for where their source has changed.
 */
export class HostChanges {
  readonly #root: string;
  readonly #reader: TimedReader;
  readonly #recall: (key: string) => string | undefined;
  /** Stamps of what was read, lists of what is short. */
  readonly #stamps = new Map<string, string | undefined>();
  readonly #lists = new Map<string, Remembered>();
  #looks = 0;

  /** `recall` gives what `look` gave as state under a key, last. */
  constructor(root: string, reader: TimedReader, recall: (key: string) => string | undefined) {
    this.#root = root;
    this.#reader = reader;
    this.#recall = recall;
  }

  async look(moment: Moment): Promise<Changes> {
    const events: HostEvent[] = [];
    const state = new Map<string, string>();
    for (const watched of WATCHED) {
      if (this.#looks % watched.every !== 0) continue;
      const change = await this.#lookAt(watched, moment);
      events.push(...(change?.events ?? []));
      if (change?.keep !== undefined) state.set(watched.key, change.keep);
    }
    this.#looks++;
    return { events, state };
  }

  async #lookAt(
    watched: Watched,
    moment: Moment,
  ): Promise<{ readonly events: readonly HostEvent[]; readonly keep?: string } | undefined> {
    const { key, perBoot } = watched;
    const first = !this.#stamps.has(key);
    const remembered = first ? this.#recalled(key) : this.#lists.get(key);
    if (first) this.#stamps.set(key, remembered?.stamp);
    const listed = await watched.list(this.#root, this.#reader, this.#stamps.get(key));
    if (!listed) return undefined;
    const known = remembered ?? this.#recalled(key);
    const before = known && (!perBoot || known.boot === moment.boot) ? known.listing : undefined;
    const found = before ? cap(watched, differences(watched, before, listed.listing)) : [];
    const now = remember(watched, moment.boot, before, listed);
    this.#stamps.set(key, listed.stamp);
    // What is stamped is long and rarely asked for.
    if (listed.stamp === undefined) this.#lists.set(key, now);
    const isNews = found.length > 0 || now.listing.size !== before?.size || listed.stamp !== undefined;
    return {
      events: found.map((e) => ({ ...moment, ...e, ...(first ? whileAway(e.detail) : {}) })),
      ...(isNews ? { keep: serialize(now) } : {}),
    };
  }

  #recalled(key: string): Remembered | undefined {
    const text = this.#recall(key);
    return text === undefined ? undefined : deserialize(text);
  }
}

function remember(
  { went }: Watched,
  boot: string,
  before: Listing | undefined,
  { listing, stamp }: Listed,
): Remembered {
  return {
    boot,
    ...(stamp === undefined ? {} : { stamp }),
    // A driver that is not loaded now may be loaded again, of another version.
    listing: went || !before ? listing : new Map([...before, ...listing]),
  };
}

type Found = Pick<HostEvent, 'kind' | 'name' | 'detail'>;

function differences({ came, went, became, word }: Watched, before: Listing, now: Listing): readonly Found[] {
  const found: Found[] = [];
  const note = (kind: HostEventKind | undefined, name: string, was?: string, is?: string): void => {
    const detail = word(was, is);
    if (kind !== undefined) found.push({ kind, name, ...(detail === undefined ? {} : { detail }) });
  };
  for (const [name, value] of now) {
    const was = before.get(name);
    if (was === undefined) note(came, name, undefined, value);
    else if (was !== value) note(became, name, was, value);
  }
  for (const [name, was] of before) if (!now.has(name)) note(went, name, was);
  return found;
}

function cap({ became, came }: Watched, found: readonly Found[]): readonly Found[] {
  const kind = became ?? came;
  if (found.length <= MOST_EVENTS || kind === undefined) return found;
  return [...found.slice(0, MOST_EVENTS), { kind, name: `${found.length - MOST_EVENTS} more`, detail: 'at once' }];
}

const whileAway = (detail: string | undefined): { readonly detail: string } => ({
  detail: [detail, 'while nothing was recorded'].filter((part) => part !== undefined).join(', '),
});

/** A line for boot and stamp, then two for each thing. */
function serialize({ boot, stamp, listing }: Remembered): string {
  const clean = (text: string): string => text.replaceAll('\n', ' ');
  return [boot, stamp ?? '', ...[...listing].flat()].map(clean).join('\n');
}

function deserialize(text: string): Remembered {
  const [boot = '', stamp = '', ...rest] = text.split('\n');
  const listing = new Map<string, string>();
  for (let i = 0; i + 1 < rest.length; i += 2) listing.set(rest[i] ?? '', rest[i + 1] ?? '');
  return { boot, ...(stamp === '' ? {} : { stamp }), listing };
}
