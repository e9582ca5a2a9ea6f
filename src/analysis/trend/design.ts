import type { Bin } from './bins.ts';
import { Basis } from './regression.ts';

const DAY = 86_400;
/** Waves of a day that are taken out: 24, 12, 8 and 6 hours. */
const WAVES = 4;
/** Less than this, and a slope and a part of a day cannot be told apart. */
const ENOUGH_FOR_DAYS = 1.8 * DAY;

/** The columns that every fit has besides its slope: a level for each stretch, and the day where there are enough of them. */
export function levelsAndDay(bins: readonly Bin[]): { readonly levels: Basis; readonly all: Basis } {
  const levels = new Basis();
  const all = new Basis();
  for (const stretch of new Set(bins.map((b) => b.stretch))) {
    const level = column(bins, (b) => (b.stretch === stretch ? 1 : 0));
    levels.add(level);
    all.add(level);
  }
  if (hasDays(bins)) for (const wave of dayWaves(bins)) all.add(wave);
  return { levels, all };
}

export const hasDays = (bins: readonly Bin[]): boolean =>
  (bins.at(-1)?.at ?? 0) - (bins[0]?.at ?? 0) >= ENOUGH_FOR_DAYS && bins.length >= 6 * WAVES;

export function dayWaves(bins: readonly Bin[]): readonly Float64Array[] {
  return Array.from({ length: WAVES }, (_, k) => (2 * Math.PI * (k + 1)) / DAY).flatMap((speed) => [
    column(bins, (b) => Math.cos(speed * b.at)),
    column(bins, (b) => Math.sin(speed * b.at)),
  ]);
}

/** Hours since the first bin. */
export const hours = (bins: readonly Bin[]): Float64Array => {
  const start = bins[0]?.at ?? 0;
  return column(bins, (b) => (b.at - start) / 3600);
};

export const column = (bins: readonly Bin[], value: (bin: Bin) => number): Float64Array =>
  Float64Array.from(bins, value);
