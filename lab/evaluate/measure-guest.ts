import * as kleak from './ask-kleak.ts';
import type { Diagnosis } from '../../src/findings/diagnosis.ts';
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
  /** Of `kleak diagnose DUMP FOLDER…` with the files of /proc. Absent where there are none. */
  readonly series?: { readonly verdict: string; readonly said: string; readonly first?: Judgement };
  readonly dentries?: { readonly examined: number; readonly disagreeing: number; readonly excess: number };
}

export async function measureGuest(guest: Guest): Promise<Measured> {
  const sweep = measureSweep(guest);
  const { document, milliseconds, peakBytes } = await kleak.diagnose([guest.dump]);
  const { groups, memory } = (await kleak.leaks(guest.dump)).document;
  const caches = cachesOf(sweep.parts);
  const held = guest.leaks.find(({ listed }) => listed === true);
  const beside = guest.series.length > 0 ? (await kleak.diagnose([guest.dump, ...guest.series])).document : undefined;
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
    ...(held && guest.expected && beside ? { held: await judgeHeld(guest, sweep, caches, beside) } : {}),
    ...(beside ? { series: judgeSeries(guest, caches, beside) } : {}),
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
  { findings: [first] }: Diagnosis,
): Promise<NonNullable<Measured['held']>> {
  const [leak] = guest.leaks;
  const sample = parts.find(({ role }) => role === 'live')?.samples[0] ?? '0';
  const { chain, keptBy = [] } = (await kleak.refs(guest.dump, sample)).document;
  const told = [...chain, ...keptBy].flatMap(({ symbol }) => symbol ?? []);
  const series = judgeFinding(first, guest.expected ?? { layers: [], caches: [], names: [] }, caches);
  return {
    namesHead: told.some(
      (symbol) => symbol.startsWith(leak?.head ?? '?') && symbol.includes(`[${leak?.module ?? '?'}]`),
    ),
    told: told[0] ?? 'no symbol',
    // What grows is said with where it hangs.
    series: {
      ...series,
      right: series.right && series.said.includes(`${leak?.head ?? '?'} of module ${leak?.module ?? '?'}`),
    },
  };
}

function judgeSeries(
  { expected }: Guest,
  caches: readonly string[],
  { verdict, findings: [first] }: Diagnosis,
): NonNullable<Measured['series']> {
  const said = first ? `${first.verdict}, ${first.layer}: ${first.title}` : 'nothing';
  return { verdict, said, ...(expected ? { first: judgeFinding(first, expected, caches) } : {}) };
}
