/** Fits 40 × 15 where it has to: the most needed lines come first. */
export const HELP: readonly string[] = [
  '',
  ' q       quit (also Ctrl-C)',
  ' s       sort caches: growth, size, name',
  ' p       pause the view; sampling goes on',
  ' m       mark this moment with a name',
  ' ↑ ↓     select a cache; Enter: details',
  '',
  ' +4 MiB/h   grows, and that is sure',
  ' ±4 MiB/h   not sure: somewhere between',
  '',
  ' The buckets are disjoint and sum up to all of RAM; unexplained is what no counter names.',
  ' A rate is that of a fitted line, with 95 % confidence; the change is since the watch began.',
  ' The verdict needs 10 minutes for a word and an hour for a suspicion. For longer than that:',
  ' kleak record keeps samples for weeks, kleak trend reads them, --db shows both here.',
  ' Marks are kept in the recording given with --db.',
];
