import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { SmapsAmounts } from '../../formats/proc/smaps-fields.ts';
import type { ProcessUse } from '../snapshot.ts';

/** What one file says of a process. */
type Part = Partial<ProcessUse> & { readonly at: Provenance };

/** `/proc/812/smaps`, `proc/812/status`, `pid812_smaps_rollup`: the files themselves do not say whose they are. */
const PID_IN_PATH =
  /(?:^|[/_.-])(?:pid[_-]?)?(\d{1,7})[/_.-](?:task\/\d{1,7}\/)?(?:smaps_rollup|smaps|statm|status)(?:\.|$)/;

/** Processes, one for each pid; what several files say of one is put together. */
export function gatherProcesses(sightings: readonly Sighting[], pageSize: Bytes): readonly ProcessUse[] {
  const parts: readonly Part[] = [
    ...ofKind(sightings, 'process-status').map((s) => {
      const { name, pid, rss, anonymous, shmem, at } = s.value;
      return part(s.file, at, { name, pid, rss, anonymous, shmem });
    }),
    ...ofKind(sightings, 'smaps_rollup').map((s) =>
      part(s.file, s.value.at, { pid: s.value.pid, ...ofSmaps(s.value.amounts) }),
    ),
    ...ofKind(sightings, 'smaps').map((s) =>
      part(s.file, s.value.at, { name: s.value.program?.split('/').at(-1), ...ofSmaps(s.value.amounts) }),
    ),
    ...ofKind(sightings, 'statm')
      .filter((s) => pidOf(s.file) !== undefined && isQuantity(s.value.resident * pageSize))
      .map((s) => part(s.file, s.value.at, { rss: bytes(s.value.resident * pageSize) })),
  ];
  const groups = Map.groupBy(parts, (one) => one.pid ?? where(one.at));
  return [...groups.values()].flatMap((same) => joinParts(same));
}

const ofSmaps = (
  amounts: SmapsAmounts,
): { rss?: Bytes | undefined; pss?: Bytes | undefined; anonymous?: Bytes | undefined } => ({
  rss: amounts.get('Rss'),
  pss: amounts.get('Pss'),
  anonymous: amounts.get('Anonymous'),
});

function part(
  file: string,
  at: Provenance,
  said: { readonly [K in Exclude<keyof ProcessUse, 'at'>]?: ProcessUse[K] | undefined },
): Part {
  const pid = said.pid ?? pidOf(file);
  const known = Object.entries({ ...said, pid }).filter(([, value]) => value !== undefined && value !== '');
  return { ...Object.fromEntries(known), at };
}

function pidOf(file: string): number | undefined {
  const digits = PID_IN_PATH.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const where = (at: Provenance): string => (at.kind === 'line' ? `${at.file}:${at.line}` : '');

/** The first file that says a thing stands; without a name a process is called by its pid or its file. */
function joinParts(parts: readonly Part[]): readonly ProcessUse[] {
  const [first, ...others] = parts;
  if (!first) return [];
  const joined = [...others.toReversed(), first].reduce((all, one) => ({ ...all, ...one }));
  const name = joined.name ?? (joined.pid === undefined ? where(joined.at) : `process ${joined.pid}`);
  return [{ ...joined, name }];
}
