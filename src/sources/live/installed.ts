import type { InstalledPackage, InstalledPackages } from '../packages/installed-package.ts';

/** What was found, a line each, its fields apart by tabs: no name or version of a package has one. */
export function writeInstalled({ packages, unread }: InstalledPackages): string {
  const rows = packages.map(({ manager, name, version, architecture = '' }) => [manager, name, version, architecture]);
  const told = unread.map(({ what, why }) => ['unread', what, why]);
  return [...rows, ...told].map((fields) => `${fields.join('\t')}\n`).join('');
}

export function readInstalled(text: string): InstalledPackages {
  const rows = text.split('\n').map((line) => line.split('\t'));
  return {
    packages: rows.flatMap(([manager, name, version, architecture = '']): readonly InstalledPackage[] => {
      if ((manager !== 'dpkg' && manager !== 'rpm') || name === undefined || version === undefined) return [];
      return [{ manager, name, version, ...(architecture === '' ? {} : { architecture }) }];
    }),
    unread: rows.flatMap(([kind, what, why]) =>
      kind === 'unread' && what !== undefined && why !== undefined ? [{ what, why }] : [],
    ),
  };
}

/** In the rows of `dpkg -l` and of `rpm -qa`, which the formats know. */
export function spellPackages(packages: readonly InstalledPackage[]): string {
  return packages
    .map(({ manager, name, version, architecture = 'noarch' }) =>
      manager === 'dpkg' ? `ii  ${name}  ${version}  ${architecture}\n` : `${name}-${version}.${architecture}\n`,
    )
    .join('');
}
