import { dirname, join, normalize } from 'node:path';
import { readImports } from './module-imports.ts';

/** One row of the table in ARCHITECTURE.md. */
export interface Layer {
  readonly imports: ReadonlySet<string>;
  /** npm packages, and `node:` where Node's own modules are allowed. */
  readonly outside: ReadonlySet<string>;
}
export type Layers = ReadonlyMap<string, Layer>;

/** A module of `src/`, by its path inside it. */
export interface Module {
  readonly file: string;
  readonly text: string;
}

/** The table is the rule, so that it cannot drift from the code. */
export function readLayers(architecture: string): Layers {
  const words = (cell = ''): ReadonlySet<string> => new Set(cell.split(' ').filter((word) => word !== ''));
  return new Map(
    [...architecture.matchAll(/^\| *(\w+) *\|([^|\n]*)\|([^|\n]*)\|[^|\n]*\|$/gm)]
      .filter(([, layer]) => layer !== 'layer')
      .map(([, layer = '', imports, outside]) => [layer, { imports: words(imports), outside: words(outside) }]),
  );
}

/** `formats/proc/meminfo.ts` is of the layer formats, `index.ts` of the layer index. */
export const layerOf = (file: string): string => file.split('/')[0]?.replace(/\.ts$/, '') ?? '';

/** `rules/slab/lockstep.ts` is of the family slab; what stands in `rules/` itself is of none. */
const familyOf = (file: string): string | undefined => /^rules\/([^/]+)\//.exec(file)?.[1];

/** Every import that the table does not allow, a line each: place, what is imported, and why not. */
export function findTrespasses(layers: Layers, modules: readonly Module[]): readonly string[] {
  return modules.flatMap(({ file, text }) => {
    const layer = layers.get(layerOf(file));
    if (!layer) return [`${file}: ${layerOf(file)} has no row in the table`];
    return readImports(text).flatMap(({ specifier, line }) => {
      const why = specifier === undefined ? 'is computed and cannot be checked' : objection(layer, file, specifier);
      return why === undefined ? [] : [`${file}:${line}: ${specifier ?? 'import'} ${why}`];
    });
  });
}

function objection(layer: Layer, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return objectionInside(layer, file, normalize(join(dirname(file), specifier)));
  const name = specifier.startsWith('node:') ? 'node:' : packageOf(specifier);
  return layer.outside.has(name) ? undefined : `is not among what ${layerOf(file)} may use from outside`;
}

function objectionInside(layer: Layer, file: string, target: string): string | undefined {
  if (target.startsWith('..')) return 'lies outside of src';
  const [from, to] = [layerOf(file), layerOf(target)];
  if (from !== to && !layer.imports.has(to)) return `is of ${to}, which ${from} may not import`;
  const [family, other] = [familyOf(file), familyOf(target)];
  const crosses = family !== undefined && other !== undefined && family !== other;
  return crosses ? `is of the rule family ${other}; families stand alone` : undefined;
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
