import type { DetectorReport, DetectorStatus } from '../../src/findings/detectors.ts';
import type { Diagnosis } from '../../src/findings/diagnosis.ts';
import type { TraceDocument } from '../../src/findings/trace.ts';
import type { TrendDocument } from '../../src/findings/trend.ts';
import { parseDocument } from '../evaluate/parse-document.ts';
import type { GuestRun } from './run-guest.ts';

/** One thing that was asked of a guest, and what came of it. */
export interface Judged {
  readonly what: 'snapshot' | 'record + trend' | 'diagnose' | 'trace' | 'kmemleak' | 'page_owner' | 'cleaned up';
  readonly right: boolean;
  /** What kleak said, for the page. */
  readonly said: string;
}

/** Holds what kleak said in a guest against what the guest did. */
export function judgeGuest(run: GuestRun): readonly Judged[] {
  return [
    ...judged(run, 'snapshot', 'snapshot-end', judgeSnapshot),
    ...judged(run, 'record + trend', 'trend', judgeTrend),
    ...judged(run, 'diagnose', 'diagnose', judgeDiagnosis),
    ...(run.scenario.caches.length > 0 ? judged(run, 'trace', 'trace', judgeTraceDocument) : []),
    ...(run.kernel === 'kmemleak'
      ? judged(run, 'kmemleak', 'kmemleak', judgeKmemleak)
      : judged(run, 'kmemleak', 'status', judgeStatus)),
    ...(run.kernel === 'kmemleak' && run.scenario.owned ? judged(run, 'page_owner', 'page-owner', judgePageOwner) : []),
    { what: 'cleaned up', right: (run.text('instances.txt') ?? '?').trim() === '', said: 'no trace instance is left' },
  ];
}

function judged(
  run: GuestRun,
  what: Judged['what'],
  name: string,
  judge: (run: GuestRun, text: string) => Omit<Judged, 'what'>,
): readonly Judged[] {
  const text = run.text(`${name}.json`) ?? '';
  if (text.trim() === '') {
    const why = run.text(`${name}.txt`)?.trim().split('\n').at(-1) ?? '';
    return [{ what, right: false, said: why === '' ? 'no answer' : why }];
  }
  return [{ what, ...judge(run, text) }];
}

function judgeSnapshot(run: GuestRun): Omit<Judged, 'what'> {
  const step = run.steps.get('snapshot-end');
  return { right: step?.status === 0, said: `status ${step?.status ?? '?'}, ${step?.seconds ?? '?'} s` };
}

/** What leaks must be named by what grows; where it is little yet the verdict may be that it cannot be told. */
function alarmOf(run: GuestRun, verdict: string, names: readonly string[], summary: string): Omit<Judged, 'what'> {
  const { grows } = run.scenario;
  const right = grows
    ? verdict !== 'not-a-leak' && names.some((name) => grows.test(name))
    : verdict !== 'leak' && verdict !== 'growth';
  return { right, said: `${verdict}: ${summary}` };
}

function judgeTrend(run: GuestRun, text: string): Omit<Judged, 'what'> {
  const { verdict, summary, layer, quantities } = parseDocument<TrendDocument>(text, 'quantities');
  const rising = quantities.filter(({ direction }) => direction === 'rising').map(({ name }) => name);
  return alarmOf(run, verdict, [layer, ...rising], summary);
}

function judgeDiagnosis(run: GuestRun, text: string): Omit<Judged, 'what'> {
  const { verdict, summary, findings } = parseDocument<Diagnosis>(text, 'findings');
  const top = findings.filter((f) => f.verdict !== 'not-a-leak').slice(0, 3);
  const names = top.flatMap((f) => [f.subject?.cache ?? '', ...(f.subject?.together ?? []), f.layer]);
  return alarmOf(run, verdict, names, summary);
}

function judgeTraceDocument({ scenario }: GuestRun, text: string): Omit<Judged, 'what'> {
  const { verdict, summary, sites } = parseDocument<TraceDocument>(text, 'sites');
  const [first] = sites;
  const { traced } = scenario;
  if (!traced) return { right: verdict !== 'growth' && verdict !== 'leak', said: `${verdict}: ${summary}` };
  const named =
    first !== undefined && [first.function, ...first.through, first.callSite].some((name) => traced.test(name));
  return { right: verdict === 'growth' && named, said: `${verdict}: ${summary}` };
}

function judgeKmemleak({ scenario }: GuestRun, text: string): Omit<Judged, 'what'> {
  const { verdict, summary, sites } = parseDocument<DetectorReport>(text, 'sites');
  const { listed } = scenario;
  if (listed)
    return {
      right: sites.some((s) => listed.test(s.function) || listed.test(s.module ?? '')),
      said: `${verdict}: ${summary}`,
    };
  // Pages of the page allocator are none of kmemleak's; a few objects in flight are no alarm.
  const many = sites.filter(({ count }) => count >= 10);
  return { right: many.length === 0, said: `${verdict}: ${summary}` };
}

function judgeStatus(_: GuestRun, text: string): Omit<Judged, 'what'> {
  const { state, summary } = parseDocument<DetectorStatus>(text, 'state');
  return { right: state === 'not-built' || state === 'unknown', said: `${state}: ${summary}` };
}

function judgePageOwner({ scenario: { owned } }: GuestRun, text: string): Omit<Judged, 'what'> {
  const { sites } = parseDocument<DetectorReport>(text, 'sites');
  const at = sites.findIndex((s) => owned?.test(s.function) === true);
  const found = sites[at];
  return {
    right: found !== undefined,
    said: found
      ? `place ${at + 1} of ${sites.length}: ${found.function}${found.module === undefined ? '' : ` [${found.module}]`}, ${found.count} pages or blocks`
      : 'not among the places',
  };
}
