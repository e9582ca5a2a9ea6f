import type { MatrixSeries } from '../../formats/prometheus/matrix.ts';
import type { FleetGrid } from '../../model/fleet.ts';
import { CLOCK_DRIFT, joinColumns, layOnGrid } from '../../model/fleet-columns.ts';
import { BOOT_TIME, isTargetLabel } from './metric-names.ts';

/** Places at which two series of one machine may tell of different boots: one was scraped before a boot, one behind it. */
const FEW = 2;

/**
 * The machines that share a name at the same time, as `node1` of one cluster and of another: they were booted at different
 * times. Told apart by the label of their targets that does so. Empty where none does.
 */
export function tellApart(
  name: string,
  series: readonly MatrixSeries[],
  grid: FleetGrid,
  hostLabel: string,
): readonly (readonly [string, readonly MatrixSeries[]])[] {
  if (!areSeveral(series, grid)) return [[name, series]];
  const boots = series.filter(({ labels }) => labels.get('__name__') === BOOT_TIME);
  const labels = [...new Set(boots.flatMap((one) => [...one.labels.keys()]))]
    .filter((label) => isTargetLabel(label, hostLabel))
    // What people name clusters by first.
    .toSorted((a, b) => Number(b.includes('cluster')) - Number(a.includes('cluster')) || (a < b ? -1 : 1));
  for (const label of labels) {
    const parts = [...Map.groupBy(series, (one) => one.labels.get(label) ?? '')];
    if (parts.length > 1 && parts.every(([value, own]) => value !== '' && !areSeveral(own, grid)))
      return parts.map(([value, own]) => [`${name} (${label}=${value})`, own] as const);
  }
  return [];
}

function areSeveral(series: readonly MatrixSeries[], grid: FleetGrid): boolean {
  let known: Float64Array | undefined;
  for (const { labels, times, values } of series) {
    if (labels.get('__name__') !== BOOT_TIME) continue;
    const column = layOnGrid(grid, times, values);
    const apart = column.reduce((sum, time, i) => sum + Number(Math.abs(time - (known?.[i] ?? time)) > CLOCK_DRIFT), 0);
    if (apart > FEW) return true;
    known = joinColumns(known, column);
  }
  return false;
}
