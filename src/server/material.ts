/** What one diagnosis is made of: files on the server, and how people call them. */
export interface Material {
  readonly title: string;
  readonly paths: readonly string[];
  /** The server's own folder for it: what was uploaded lies there. It goes when nothing in it is wanted any more. */
  readonly folder: string;
  /** Beginnings of paths, and what stands for them before people: where a file lies on the server is nobody's business. */
  readonly names: readonly Renamed[];
}

/** Where its title tells too much. */
export const nameOfDiagnosis = (id: number): string => `diagnosis ${id}`;

export type Renamed = readonly [path: string, name: string];

export const spellNames = (text: string, names: readonly Renamed[]): string =>
  names.reduce((spelled, [path, name]) => spelled.replaceAll(path, () => name), text);

/** Where names tell too much: whatever lies at or below a path is a file. */
export const hideNames = (text: string, paths: readonly string[]): string =>
  paths
    .reduce((hidden, path) => hidden.replaceAll(path, () => '\uE000'), text)
    .replaceAll(/\uE000(?:\/[^\s:;)]*)?/g, 'the file');

/** As `spellNames`, in the text of a document. */
export const spellNamesInJson = (body: string, names: readonly Renamed[]): string =>
  spellNames(
    body,
    names.map(([path, name]): Renamed => [inJson(path), inJson(name)]),
  );

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
