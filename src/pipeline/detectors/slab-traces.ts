import type { DetectorReport, DetectorSite, DetectorStatus } from '../../findings/detectors.ts';
import { slabTraces } from '../../formats/detectors/slab-traces.ts';
import { cleanLines } from '../../formats/text/line.ts';
import type { AllocationGroup } from '../../model/snapshot.ts';
import { InputError } from '../../sources/input-error.ts';
import type { KernelDetectors } from '../../sources/live/kernel-detectors.ts';
import { bootWith, configEvidence, isBuilt, readKernelBuild } from './detector-host.ts';
import { listSites, reportOf } from './report-of.ts';

const CACHES = '/sys/kernel/slab';
/** Since 5.14 in debugfs; before, beside the cache's other files, under other names. */
const FOLDERS = [
  { folder: '/sys/kernel/debug/slab', allocated: 'alloc_traces', freed: 'free_traces' },
  { folder: CACHES, allocated: 'alloc_calls', freed: 'free_calls' },
] as const;
const MOST_BYTES = 64 * 2 ** 20;
const MOST_SECONDS = 60;
const MOST_FREED = 10;
const FREES = /^_*(?:kmem_cache_free|k[vz]?free|slab_free)(?:$|[_.])/;

/** Which caches record who allocated their objects. */
export async function slabTracesStatus(detectors: KernelDetectors): Promise<DetectorStatus> {
  const build = await readKernelBuild(detectors);
  const stored = await detectors.each(CACHES, 'store_user');
  const caches = [...stored].flatMap(([name, value]) => (value === '1' ? [name] : []));
  const built = stored.size > 0 ? true : isBuilt(build, 'SLUB_DEBUG');
  const parameter = build.commandLine.findLast((word) => /^slu?a?b_debug=/.test(word));
  const common = {
    schema: 'kleak.detector-status/1',
    detector: 'slab-traces',
    ...(built === undefined ? {} : { built }),
    caches,
    evidence: [
      ...configEvidence(build, 'SLUB_DEBUG', 'SLUB_DEBUG_ON'),
      {
        text: parameter === undefined ? 'the command line has no slub_debug=' : `booted with ${parameter}`,
        source: { kind: 'line', file: '/proc/cmdline', line: 1 },
      },
      {
        text: `${caches.length} of ${stored.size} caches record who allocates`,
        source: { kind: 'line', file: `${CACHES}/*/store_user`, line: 1 },
      },
    ],
  } as const;
  const on = bootWith(
    build,
    'slub_debug=U,CACHE',
    'in place of CACHE the cache that grows: its objects then know who took them; they take more memory',
  );
  if (built === false || (stored.size === 0 && built !== true))
    return {
      ...common,
      state: built === false ? 'not-built' : 'unknown',
      summary: 'This kernel’s slab allocator keeps no track of who allocates (CONFIG_SLUB_DEBUG).',
      next: [],
    };
  if (caches.length === 0)
    return {
      ...common,
      state: 'off',
      summary:
        'No cache records who allocates its objects: slub_debug=U on the command line switches that on, for all or for one.',
      next: [on],
    };
  return {
    ...common,
    state: 'on',
    summary: `${caches.length} of ${stored.size} caches record who allocates their objects.`,
    next: [
      {
        command: `kleak slab-traces report ${caches[0] ?? 'CACHE'}`,
        why: 'who holds the objects of a cache',
        risk: 'none',
      },
    ],
  };
}

/** Who allocated the objects of one cache that are in use, and who freed most of those before. */
export async function slabTracesReport(detectors: KernelDetectors, cache: string): Promise<DetectorReport> {
  if (/[/\0]|^\.\.?$/.test(cache))
    throw new InputError(cache, 'is no name of a cache', 'kleak slab-traces status lists them');
  const place = FOLDERS.find(
    ({ folder, allocated }) => detectors.probe(`${folder}/${cache}/${allocated}`) !== 'ENOENT',
  );
  if (!place) throw await noTraces(detectors, cache);
  const path = `${place.folder}/${cache}/${place.allocated}`;
  const unread: { what: string; why: string }[] = [];
  const files = [path, '/proc/version', '/proc/modules'].map((file) =>
    detectors.file(file, MOST_BYTES, MOST_SECONDS, (why) => unread.push({ what: file, why })),
  );
  const code = detectors.probe(path);
  if (code !== '')
    throw new InputError(
      path,
      `cannot be read: ${code}`,
      process.getuid?.() === 0 ? 'is debugfs mounted?' : 'run as root',
    );
  const report = await reportOf({
    detector: 'slab-traces',
    files,
    nothing: `No object of ${cache} was allocated since its kernel keeps track of it.`,
    thorough: false,
    changed: [],
    limits: [],
    unread,
  });
  const freedBy = await freedSites(detectors, `${place.folder}/${cache}/${place.freed}`);
  return { ...report, ...(freedBy.length > 0 ? { freedBy } : {}) };
}

async function freedSites(detectors: KernelDetectors, path: string): Promise<readonly DetectorSite[]> {
  const found = await detectors.read(path, MOST_BYTES);
  if (!('text' in found) || found.text.trim() === '') return [];
  const { value } = slabTraces.parse(cleanLines(found.text), 'freed');
  const groups = value.groups.map((group) => ({ ...group, stack: beyondAllocator(group.stack) }));
  return listSites([{ ...value, groups }]).slice(0, MOST_FREED);
}

/** Who called the allocator to free. */
function beyondAllocator(stack: AllocationGroup['stack']): AllocationGroup['stack'] {
  const [first, ...rest] = stack.slice(
    Math.max(
      0,
      stack.findIndex(({ symbol }) => !FREES.test(symbol)),
    ),
  );
  return first ? [first, ...rest] : stack;
}

async function noTraces(detectors: KernelDetectors, cache: string): Promise<InputError> {
  const there = await detectors.read(`${CACHES}/${cache}/store_user`, 64);
  if (!('text' in there))
    return new InputError(
      cache,
      'this host has no slab cache of that name, or does not show it',
      'kleak slab-traces status lists those that can be asked',
    );
  if (there.text.trim() === '1')
    return new InputError('/sys/kernel/debug/slab', 'is not there', 'mount -t debugfs nodev /sys/kernel/debug');
  return new InputError(cache, 'it does not record who allocates', `boot with slub_debug=U,${cache}`);
}
