import type { InstalledPackage, InstalledPackages } from '../packages/installed-package.ts';

/** What the reader found; nothing where it did not answer. */
export function readInstalled(reply: string): InstalledPackages {
  if (reply === '') return { packages: [], unread: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is host-reader.ts, compiled with it
  return JSON.parse(reply) as InstalledPackages;
}

/** In the rows of `dpkg -l` and of `rpm -qa`, which the formats know. */
export function spellPackages(packages: readonly InstalledPackage[]): string {
  return packages
    .map(({ manager, name, version, architecture = 'noarch' }) =>
      manager === 'dpkg' ? `ii  ${name}  ${version}  ${architecture}\n` : `${name}-${version}.${architecture}\n`,
    )
    .join('');
}
