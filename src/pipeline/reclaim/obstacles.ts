import { spellBytes, spellShare } from '../../base/spelling.ts';
import { TimedReader } from '../../sources/live/timed-reader.ts';
import { inContainersNamespace, whyNotDroppable } from '../../sources/live/drop-caches.ts';

/** Stalls in per cent of the last ten seconds (/proc/pressure/memory). */
const MOST_SOME = 5;
const MOST_FULL = 1;
/** Share of RAM that must be available: what was cached is read again, and needs room. */
const LEAST_AVAILABLE = 0.05;
/** Pages a second in and out of swap. */
const MOST_SWAPS = 64;
const TIME_LIMIT = 2000;
const FILE_BYTES = 2 ** 20;

/**
 * Why caches should not be dropped on this host now; empty where nothing speaks against it. `seconds` is the time between
 * the two looks at swapping.
 */
export async function findObstacles(
  root: string,
  wait: (seconds: number) => Promise<void>,
  seconds = 1,
): Promise<readonly string[]> {
  const reader = new TimedReader(TIME_LIMIT);
  const text = async (path: string): Promise<string | undefined> => {
    const reply = await reader.read(root + path, FILE_BYTES);
    return 'content' in reply ? reply.content.toString() : undefined;
  };
  const cannot = whyNotDroppable(root);
  const swapped = swapsOf(await text('/proc/vmstat'));
  const obstacles = [
    ...(cannot === undefined ? [] : [cannot]),
    ...(await containerObstacle(text, root)),
    ...pressureObstacle(await text('/proc/pressure/memory')),
    ...availableObstacle(await text('/proc/meminfo')),
  ];
  if (swapped === undefined) return obstacles;
  await wait(seconds);
  const rate = ((swapsOf(await text('/proc/vmstat')) ?? swapped) - swapped) / seconds;
  if (rate > MOST_SWAPS) obstacles.push(`the host is swapping: ${Math.round(rate)} pages a second (/proc/vmstat)`);
  return obstacles;
}

type Read = (path: string) => Promise<string | undefined>;

async function containerObstacle(text: Read, root: string): Promise<readonly string[]> {
  const inside = (await text('/proc/1/environ'))?.split('\0').some((line) => line.startsWith('container='));
  if (inside !== true && inContainersNamespace(root) !== true) return [];
  return ['this is a container: its caches are those of the host and of all that runs there; run on the host'];
}

function pressureObstacle(text: string | undefined): readonly string[] {
  const stalls = (kind: string): number =>
    Number(new RegExp(`^${kind} avg10=(\\d+\\.\\d+)`, 'm').exec(text ?? '')?.[1] ?? 0);
  const [some, full] = [stalls('some'), stalls('full')];
  if (some < MOST_SOME && full < MOST_FULL) return [];
  return [
    `memory is under pressure: tasks waited for it ${Math.max(some, full)} % of the last 10 s (/proc/pressure/memory)`,
  ];
}

function availableObstacle(text: string | undefined): readonly string[] {
  const amount = (field: string): number | undefined => {
    const digits = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1];
    return digits === undefined ? undefined : Number(digits) * 1024;
  };
  const [total, available] = [amount('MemTotal'), amount('MemAvailable')];
  if (total === undefined || total === 0 || available === undefined) return [];
  if (available / total >= LEAST_AVAILABLE) return [];
  return [`only ${spellBytes(available)} are available, ${spellShare(available / total)} of RAM (/proc/meminfo)`];
}

function swapsOf(text: string | undefined): number | undefined {
  const counts = ['pswpin', 'pswpout'].map((name) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1]);
  return counts.includes(undefined) ? undefined : counts.reduce((sum, digits) => sum + Number(digits), 0);
}
