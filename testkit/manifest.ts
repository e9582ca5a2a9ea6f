import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where package.json lies. */
export const ROOT: string = join(import.meta.dirname, '..');

/** What the tests ask of package.json. */
export interface Manifest {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function readManifest(): Manifest {
  const all = record(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return {
    version: String(all['version']),
    engines: words(all['engines']),
    bin: words(all['bin']),
    files: Object.values(words(all['files'])),
    exports: record(all['exports']),
    scripts: words(all['scripts']),
    dependencies: words(all['dependencies']),
    devDependencies: words(all['devDependencies']),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const words = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record(value)).map(([key, one]) => [key, String(one)]));
