import * as kleak from './ask-kleak.ts';
import type { Guest } from './guests.ts';
import { judgeFinding, type Judgement } from './judge-finding.ts';
import { measureSweep, type Part, type Sweep } from './measure-sweep.ts';

/** Groups of fewer are as in every kernel. */
const FEWEST = 10;

/** All that is measured of one guest. */
export interface Measured {
  readonly guest: Guest;
  readonly sweep: Sweep;
  /** Of `kleak diagnose DUMP`. Absent where several things were planted. */
  readonly first?: Judgement;
  readonly verdict: string;
  readonly milliseconds: number;
  readonly peakBytes: number;
  /** Groups of at least ten that `kleak core leaks` lists, in words. */
  readonly groups: readonly string[];
  /** Of what is still held: how its way from a root is told, and `kleak diagnose DUMP FOLDER…` with the files of /proc. */
  readonly held?: { readonly namesHead: boolean; readonly told: string; readonly series: Judgement };
  readonly dentries?: { readonly examined: number; readonly disagreeing: number; readonly excess: number };
}

export async function measureGuest(guest: Guest): Promise<Measured> {
  const sweep = measureSweep(guest);
  const { document, milliseconds, peakBytes } = await kleak.diagnose([guest.dump]);
  const { groups, memory } = (await kleak.leaks(guest.dump)).document;
  const caches = cachesOf(sweep.parts);
  const held = guest.leaks.find(({ listed }) => listed === true);
  const { types, mounts } = (await kleak.refcounts(guest.dump)).document;
  const dentries = types.find(({ cache }) => cache === 'dentry');
  return {
    guest,
    sweep,
    ...(guest.expected ? { first: judgeFinding(document.findings[0], guest.expected, caches) } : {}),
    verdict: document.verdict,
    milliseconds,
    peakBytes,
    groups: [
      ...groups.filter(({ units }) => units >= FEWEST).map(({ units, type, cache }) => `${units} × ${type ?? cache}`),
      ...memory
        .filter(({ blocks }) => blocks >= FEWEST)
        .map(({ blocks, kind, pages }) =>
          kind === 'pages' ? `${blocks} blocks of ${pages} pages` : `${blocks} areas`,
        ),
    ],
    ...(held && guest.expected ? { held: await judgeHeld(guest, sweep, caches) } : {}),
    ...(dentries
      ? {
          dentries: {
            examined: dentries.objects,
            disagreeing: dentries.disagreeing,
            excess: mounts.reduce((sum, { excess }) => sum + Math.max(0, excess), 0),
          },
        }
      : {}),
  };
}

/** Where most of what was planted lies; none for pages and areas. */
function cachesOf(parts: readonly Part[]): readonly string[] {
  return parts.flatMap(({ caches }) => caches.slice(0, 2)).filter((name) => !/ pages|^vmalloc$|^per-CPU/.test(name));
}

async function judgeHeld(
  guest: Guest,
  { parts }: Sweep,
  caches: readonly string[],
): Promise<NonNullable<Measured['held']>> {
  const [leak] = guest.leaks;
  const sample = parts.find(({ role }) => role === 'live')?.samples[0] ?? '0';
  const { chain, keptBy = [] } = (await kleak.refs(guest.dump, sample)).document;
  const told = [...chain, ...keptBy].flatMap(({ symbol }) => symbol ?? []);
  const series = await kleak.diagnose([guest.dump, ...guest.series]);
  return {
    namesHead: told.some(
      (symbol) => symbol.startsWith(leak?.head ?? '?') && symbol.includes(`[${leak?.module ?? '?'}]`),
    ),
    told: told[0] ?? 'no symbol',
    series: judgeFinding(series.document.findings[0], guest.expected ?? { layers: [], caches: [], names: [] }, caches),
  };
}
