import type { Unread } from '../source-file.ts';

/** A package that is installed, as the data base of its package manager has it. */
export interface InstalledPackage {
  /** Which data base names it. */
  readonly manager: 'dpkg' | 'rpm';
  readonly name: string;
  /** As the manager prints it: `2:3.87.1-1+deb12u1`; rpm's `version-release`, with the epoch before it where there is one. */
  readonly version: string;
  /** `amd64`, `x86_64`, `noarch`; absent where the data base has none. */
  readonly architecture?: string;
}

/** What the data bases of a host came to. */
export interface InstalledPackages {
  readonly packages: readonly InstalledPackage[];
  /** Data bases that are there and were not read, or not to their end. */
  readonly unread: readonly Unread[];
}

/** Tells by its name whether a package is asked for. */
export type Wanted = (name: string) => boolean;

/** One kind of data base. `read` gives what it holds, and throws what the system or the data base throws. */
export interface PackageReader {
  read(file: string, wanted: Wanted, tell: (why: string) => void): readonly InstalledPackage[];
}

/** Of one host; no distribution installs more, and what is more is told. */
export const MOST_PACKAGES = 50_000;
