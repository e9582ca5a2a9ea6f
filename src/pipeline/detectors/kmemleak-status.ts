import type { DetectorStatus } from '../../findings/detectors.ts';
import type { Evidence, NextStep } from '../../findings/finding.ts';
import { readKmemleakLine } from '../../formats/log/kmemleak-lines.ts';
import { cleanLines } from '../../formats/text/line.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import type { KernelDetectors } from '../../sources/live/kernel-detectors.ts';
import { bootWith, configEvidence, isBuilt, readKernelBuild, whyClosed, type KernelBuild } from './detector-host.ts';

export const KMEMLEAK = '/sys/kernel/debug/kmemleak';

type KmemleakEvent = Extract<KernelEvent, { kind: 'kmemleak' }>;
type Answer = Pick<DetectorStatus, 'state' | 'summary'> & { readonly next?: readonly NextStep[] };

interface Seen {
  readonly build: KernelBuild;
  readonly events: readonly KmemleakEvent[];
  readonly closed: ReturnType<typeof whyClosed>;
  /** The thread that scans by itself. */
  readonly scans: boolean;
}

/** Whether kmemleak can be asked, and if not, why and what to do. Reads only. */
export async function kmemleakStatus(detectors: KernelDetectors): Promise<DetectorStatus> {
  const build = await readKernelBuild(detectors);
  const events = eventsIn(await detectors.log());
  const closed = whyClosed(detectors, KMEMLEAK, build);
  const seen = { build, events, closed, scans: await detectors.runs('kmemleak') };
  const built = isBuilt(build, 'DEBUG_KMEMLEAK') ?? (closed === undefined || events.length > 0 ? true : undefined);
  const { state, summary, next = [] } = answer(seen, built);
  return {
    schema: 'kleak.detector-status/1',
    detector: 'kmemleak',
    state,
    summary,
    ...(built === undefined ? {} : { built }),
    evidence: evidenceOf(seen),
    next,
  };
}

/** Lines in which kmemleak speaks of itself. */
export function eventsIn(log: string): readonly KmemleakEvent[] {
  return cleanLines(log).flatMap((line) => {
    const event = line.text.includes('kmemleak') ? readKmemleakLine(line, 'dmesg') : undefined;
    return event?.kind === 'kmemleak' ? [event] : [];
  });
}

function answer(seen: Seen, built: boolean | undefined): Answer {
  const { events, closed, scans } = seen;
  if (built === false) return NOT_BUILT;
  const off = whyOff(seen);
  if (off) return off;
  if (closed?.because === 'no such file' && built === undefined) return UNKNOWN;
  if (closed)
    return {
      state: 'unreachable',
      summary: `kmemleak cannot be asked: ${KMEMLEAK}: ${closed.because}; ${closed.remedy}.`,
      next: closed.remedy.startsWith('mount ')
        ? [{ command: closed.remedy, why: 'its file is there', risk: 'none' }]
        : [],
    };
  const byItself = scans ? 'It scans by itself from time to time.' : 'It does not scan by itself.';
  if (events.length === 0 && !scans)
    return {
      state: 'unknown',
      summary:
        'kmemleak’s file is there; whether it is switched on is not told: the log has lost its beginning, and no scanning thread runs.',
      next: [SCAN],
    };
  return { state: 'on', summary: `kmemleak is on. ${byItself}`, next: [SCAN] };
}

/** The last word of the log counts: a detector that failed can not be switched on again. */
function whyOff({ build, events, closed }: Seen): Answer | undefined {
  const disabled = events.findLastIndex((e) => e.state === 'disabled');
  const parameter = build.commandLine.findLast((word) => word.startsWith('kmemleak='));
  const full = events.findLast((e) => e.state === 'early-log-exceeded' || e.state === 'pool-exhausted');
  if (full && disabled >= 0) return outOfRoom(full, build);
  if (parameter === 'kmemleak=off')
    return {
      state: 'off',
      summary: 'kmemleak is off: the command line says kmemleak=off.',
      next: [switchedOn(build)],
    };
  if (parameter === undefined && build.config?.get('DEBUG_KMEMLEAK_DEFAULT_OFF') === 'y')
    return {
      state: 'off',
      summary: 'kmemleak is off: this kernel has it switched off unless the command line says kmemleak=on.',
      next: [switchedOn(build)],
    };
  if (closed?.because === 'EBUSY' || disabled > events.findLastIndex((e) => e.state === 'initialized'))
    return {
      state: 'off',
      summary:
        'kmemleak is off: it was switched off, or ended after an error, and cannot be switched on again before the next boot.',
      next: [switchedOn(build)],
    };
  return undefined;
}

function outOfRoom(event: KmemleakEvent, build: KernelBuild): Answer {
  const pool = event.state === 'pool-exhausted';
  const option = pool ? 'DEBUG_KMEMLEAK_MEM_POOL_SIZE' : 'DEBUG_KMEMLEAK_EARLY_LOG_SIZE';
  const had = Number(build.config?.get(option) ?? event.count ?? 4000);
  const wanted = Math.max(16_000, 2 ** Math.ceil(Math.log2(Math.max(1, had) * 4)));
  return {
    state: 'off',
    summary: `kmemleak switched itself off: ${pool ? 'its memory pool was used up' : 'its early log was too small'}, and it cannot be switched on again before the next boot.`,
    next: [
      {
        command: `scripts/config --set-val ${option} ${wanted}`,
        why: 'in the kernel’s source, then rebuild: room for what is allocated before kmemleak runs',
        risk: 'high',
      },
      ...(pool ? [] : [switchedOn(build)]),
    ],
  };
}

const switchedOn = (build: KernelBuild): NextStep =>
  bootWith(build, 'kmemleak=on', 'kmemleak=on switches it on; it slows the kernel down and takes memory');

const SCAN: NextStep = {
  command: 'kleak kmemleak scan',
  why: 'scans twice and lists what nothing refers to; takes a CPU while it scans',
  risk: 'low',
};

const NOT_BUILT: Answer = {
  state: 'not-built',
  summary:
    'This kernel was built without kmemleak (CONFIG_DEBUG_KMEMLEAK): no boot parameter brings it. Distributions have it in their debug kernels.',
  next: [
    {
      command: 'kleak trace CACHE --for 60s --stacks',
      why: 'who allocates and does not free, without kmemleak',
      risk: 'low',
    },
    { command: 'kleak core leaks VMCORE', why: 'the same search in a crash dump of this kernel', risk: 'none' },
  ],
};

const UNKNOWN: Answer = {
  state: 'unknown',
  summary: `There is no ${KMEMLEAK}, and no configuration of this kernel was found that would say whether it was built in.`,
  next: [{ command: 'zgrep KMEMLEAK /proc/config.gz /boot/config-*', why: 'where else it may stand', risk: 'none' }],
};

function evidenceOf({ build, events, closed, scans }: Seen): readonly Evidence[] {
  const words = build.commandLine.filter((word) => word.startsWith('kmemleak='));
  return [
    ...configEvidence(build, 'DEBUG_KMEMLEAK', 'DEBUG_KMEMLEAK_DEFAULT_OFF', 'DEBUG_KMEMLEAK_MEM_POOL_SIZE'),
    {
      text: words.length > 0 ? `booted with ${words.join(' ')}` : 'the command line has no kmemleak=',
      source: { kind: 'line', file: '/proc/cmdline', line: 1 },
    },
    ...events.slice(-4).map(({ text, at }): Evidence => ({ text, source: at })),
    {
      text: closed ? `${KMEMLEAK}: ${closed.because}` : `${KMEMLEAK} can be opened`,
      source: { kind: 'line', file: KMEMLEAK, line: 1 },
    },
    ...(scans ? [{ text: 'the thread kmemleak runs', source: { kind: 'line', file: '/proc', line: 1 } as const }] : []),
  ];
}
