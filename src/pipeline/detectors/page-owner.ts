import type { DetectorReport, DetectorStatus } from '../../findings/detectors.ts';
import type { KernelDetectors } from '../../sources/live/kernel-detectors.ts';
import { bootWith, configEvidence, isBuilt, mustOpen, readKernelBuild, whyClosed } from './detector-host.ts';
import { reportOf } from './report-of.ts';

const PAGES = '/sys/kernel/debug/page_owner';
/** Since 6.9: summed up by the kernel. */
const STACKS = '/sys/kernel/debug/page_owner_stacks/show_stacks';
const MOST_BYTES = 4 * 2 ** 30;

/** Whether page_owner can be asked: its file is there only when it was switched on at boot. */
export async function pageOwnerStatus(detectors: KernelDetectors): Promise<DetectorStatus> {
  const build = await readKernelBuild(detectors);
  const closed = whyClosed(detectors, PAGES, build);
  const summed = detectors.probe(STACKS) === '';
  const built = closed ? isBuilt(build, 'PAGE_OWNER') : true;
  const parameter = build.commandLine.findLast((word) => word.startsWith('page_owner='));
  const on = bootWith(
    build,
    'page_owner=on',
    'every page then knows who took it: 16 to 32 bytes a page, a few percent of time',
  );
  const common = {
    schema: 'kleak.detector-status/1',
    detector: 'page_owner',
    ...(built === undefined ? {} : { built }),
    evidence: [
      ...configEvidence(build, 'PAGE_OWNER'),
      {
        text: parameter === undefined ? 'the command line has no page_owner=' : `booted with ${parameter}`,
        source: { kind: 'line', file: '/proc/cmdline', line: 1 },
      },
      {
        text: closed ? `${PAGES}: ${closed.because}` : `${PAGES} can be opened`,
        source: { kind: 'line', file: PAGES, line: 1 },
      },
    ],
  } as const;
  if (!closed)
    return {
      ...common,
      state: 'on',
      summary: `page_owner is on${summed ? '; the kernel sums up its pages by stack' : ''}.`,
      next: [{ command: 'kleak page-owner report', why: 'who holds pages, by stack', risk: 'low' }],
    };
  if (built === false)
    return {
      ...common,
      state: 'not-built',
      summary: 'This kernel was built without page_owner (CONFIG_PAGE_OWNER): no boot parameter brings it.',
      next: [
        {
          command: 'kleak core pages VMCORE',
          why: 'what pages are used for, in a crash dump of this kernel',
          risk: 'none',
        },
      ],
    };
  if (closed.because === 'no such file')
    return built === true || parameter === undefined
      ? {
          ...common,
          state: 'off',
          summary: 'page_owner is off: it is switched on by page_owner=on on the command line.',
          next: [on],
        }
      : {
          ...common,
          state: 'unknown',
          summary: `There is no ${PAGES}, though the command line says ${parameter}.`,
          next: [],
        };
  return {
    ...common,
    state: 'unreachable',
    summary: `page_owner cannot be asked: ${PAGES}: ${closed.because}; ${closed.remedy}.`,
    next: [],
  };
}

/** Who holds pages, by stack: the kernel's own sums where it makes them, else every page, for at most `seconds`. */
export async function pageOwnerReport(detectors: KernelDetectors, seconds: number): Promise<DetectorReport> {
  const path = detectors.probe(STACKS) === '' ? STACKS : PAGES;
  await mustOpen(detectors, path, 'page-owner');
  const unread: { what: string; why: string }[] = [];
  const files = [path, '/proc/version', '/proc/modules'].map((file) =>
    detectors.file(file, MOST_BYTES, seconds, (why) => unread.push({ what: file, why })),
  );
  return reportOf({
    detector: 'page_owner',
    files,
    nothing: 'page_owner lists nothing.',
    thorough: false,
    changed: [],
    limits:
      path === PAGES
        ? ['each page was read one by one: those that were taken and given back meanwhile may be missing']
        : ['the kernel counts pages, not blocks: how many allocations they are is not told'],
    unread,
  });
}
