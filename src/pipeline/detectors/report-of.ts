import { groupByCallSite } from '../../analysis/call-site-groups.ts';
import type { DetectorName, DetectorReport, DetectorSite } from '../../findings/detectors.ts';
import { textFormats } from '../../formats/catalog.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import { MomentCollector } from '../../model/gather/moments.ts';
import type { AllocationReport, Snapshot } from '../../model/snapshot.ts';
import { readSightings } from '../../sources/read-sightings.ts';
import type { SourceFile } from '../../sources/source-file.ts';
import { diagnoseSnapshots } from '../diagnose.ts';

const MOST_SITES = 500;
const MOST_PROBLEMS = 20;

interface Given {
  readonly detector: DetectorName;
  readonly files: readonly SourceFile[];
  /** What the document says where nothing is listed. */
  readonly nothing: string;
  /** True where a detector that lists nothing was asked thoroughly enough to say that there is nothing. */
  readonly thorough: boolean;
  readonly changed: readonly string[];
  readonly limits: readonly string[];
  readonly unread: { readonly what: string; readonly why: string }[];
}

/** Diagnoses what a detector's files say, and lists every place in them. */
export async function reportOf(given: Given): Promise<DetectorReport> {
  const { snapshots, inputs, problems } = await readFiles(given.files);
  const reports = snapshots.flatMap((s) => s.reports).filter((r) => r.detector === given.detector);
  // Taken here: files that are cut say so only while they are read.
  const unread = [...problems, ...given.unread];
  const rest = { detector: given.detector, sites: listSites(reports), changed: given.changed, limits: given.limits };
  if (reports.length === 0) return { ...nothingListed(given), inputs, unread, ...rest };
  return { ...diagnoseSnapshots({ snapshots, inputs, unread, dumps: [] }), ...rest };
}

async function readFiles(
  files: readonly SourceFile[],
): Promise<{ snapshots: readonly Snapshot[]; inputs: DetectorReport['inputs']; problems: DetectorReport['unread'] }> {
  const collector = new MomentCollector();
  const inputs = new Map<string, { kind: string; file: string }>();
  const problems: { what: string; why: string }[] = [];
  const unread = ({ what, why }: { what: string; why: string }): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ what, why });
  };
  for (const file of files) {
    for await (const sighting of readSightings(file, textFormats, { unread })) {
      const { kind, file: name, line } = sighting;
      for (const { problem } of sighting.problems.slice(0, 3)) unread({ what: `${name}:${line}`, why: problem });
      if (kind !== 'unread') inputs.set(`${kind} ${name}`, { kind, file: name });
      collector.add(file.input, file.path, sighting);
    }
  }
  return { snapshots: collector.finish(), inputs: [...inputs.values()], problems };
}

function nothingListed({
  nothing,
  thorough,
}: Given): Omit<DetectorReport, 'detector' | 'sites' | 'changed' | 'limits'> {
  return {
    schema: 'kleak.diagnosis/1',
    verdict: thorough ? 'not-a-leak' : 'inconclusive',
    layer: 'none',
    summary: nothing,
    findings: [],
    unread: [],
    inputs: [],
    snapshots: [],
    series: [],
    skipped: [],
  };
}

/** Every place of reports, largest first. */
export const listSites = (reports: readonly AllocationReport[]): readonly DetectorSite[] =>
  groupByCallSite(reports).slice(0, MOST_SITES).map(describe);

function describe({ site, count, bytes, objectSize, cache, processes, samples }: CallSiteGroup): DetectorSite {
  return {
    function: site.function,
    ...(site.module === undefined ? {} : { module: site.module }),
    ...(site.subsystem === undefined ? {} : { subsystem: site.subsystem }),
    callers: site.callers,
    count,
    ...(bytes === undefined ? {} : { bytes }),
    ...(objectSize === undefined ? {} : { objectBytes: objectSize }),
    ...(cache === undefined ? {} : { cache }),
    processes,
    samples,
  };
}
