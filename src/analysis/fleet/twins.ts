import type { HostTrend } from '../../model/fleet.ts';

/** A sick host beside the healthy ones that share most of what it is. */
export interface FleetTwinsFact {
  readonly host: HostTrend;
  readonly peers: readonly HostTrend[];
  /** `name = value` that it has with all of them. */
  readonly shared: readonly string[];
  readonly differs: readonly { readonly attribute: string; readonly value: string; readonly peersWithIt: number }[];
}

const MOST_PEERS = 10;

/** Undefined where no healthy host shares anything with it. */
export function findTwins(host: HostTrend, healthy: readonly HostTrend[]): FleetTwinsFact | undefined {
  const own = lastValues(host);
  const likeness = healthy
    .map((peer) => {
      const values = lastValues(peer);
      return { peer, values, alike: [...own].filter(([name, value]) => values.get(name) === value).length };
    })
    .filter(({ alike }) => alike > 0)
    .toSorted((a, b) => b.alike - a.alike);
  const near = likeness.slice(0, MOST_PEERS);
  if (near.length === 0) return undefined;
  const having = ([name, value]: readonly [string, string]): number =>
    near.filter(({ values }) => values.get(name) === value).length;
  return {
    host,
    peers: near.map(({ peer }) => peer),
    shared: [...own].filter((pair) => having(pair) === near.length).map(([name, value]) => `${name} = ${value}`),
    differs: [...own]
      .map((pair) => ({ attribute: pair[0], value: pair[1], peersWithIt: having(pair) }))
      .filter(({ peersWithIt }) => peersWithIt < near.length)
      .toSorted((a, b) => a.peersWithIt - b.peersWithIt),
  };
}

const lastValues = ({ attributes }: HostTrend): ReadonlyMap<string, string> =>
  new Map([...attributes].flatMap(([name, spans]) => spans.slice(-1).map(({ value }) => [name, value] as const)));
