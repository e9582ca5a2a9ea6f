import { InvalidArgumentError, Option } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** An option that takes a time: `500ms`, `2s`, `10m`, `3h`, `7d`; a bare number is seconds. Its value is in seconds. */
export function durationOption(
  flags: string,
  what: string,
  { preset, least, most }: { readonly preset?: string; readonly least: number; readonly most: number },
): Option {
  const option = new Option(flags, what).argParser((text: string): number => {
    const value = parseDuration(text);
    if (value === undefined) throw new InvalidArgumentError('give a time as 500ms, 2s, 10m, 3h or 7d');
    if (value < least || value > most) throw new InvalidArgumentError(`give ${least} to ${most} seconds`);
    return value;
  });
  return preset === undefined ? option : option.default(parseDuration(preset), preset);
}

function parseDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|m|min|h|d)?$/.exec(text.trim()) ?? [];
  const scale = SECONDS[unit];
  return amount === undefined || scale === undefined ? undefined : Number(amount) * scale;
}
