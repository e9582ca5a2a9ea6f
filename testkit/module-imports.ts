/** What one module names of others: `specifier` as written, or undefined where it is computed and cannot be checked. */
export interface ModuleImport {
  readonly specifier: string | undefined;
  readonly line: number;
}

const FORMS: readonly RegExp[] = [
  /\b(?:import|export)\b[^'"`;]*\bfrom\s*(['"])([^'"]+)\1/g,
  /^\s*import\s*(['"])([^'"]+)\1/gm,
  /\bimport\s*\(\s*(?:(['"`])([^'"`\n]+)\1)?/g,
  /\brequire(?:\.resolve)?\s*\(\s*(?:(['"`])([^'"`\n]+)\1)?/g,
  /\bimport\.meta\.resolve\s*\(\s*(?:(['"`])([^'"`\n]+)\1)?/g,
  // Workers and other modules by address; data files by address are no imports.
  /\bnew URL\(\s*(['"`])([^'"`\n]+\.[cm]?[jt]s)\1\s*,\s*import\.meta\.url/g,
];

/**
 * Everything that a module's text imports: `import`, `export … from`, `import()`, `require()`, and modules named by
 * `new URL('./x.ts', import.meta.url)`. Lines that are comments are left out.
 */
export function readImports(text: string): readonly ModuleImport[] {
  const code = text.replace(/^[ \t]*(?:\/\/|\/?\*).*$/gm, '');
  return FORMS.flatMap((form) =>
    [...code.matchAll(form)].map(({ 2: specifier, index, 0: { length } }) => ({
      specifier: specifier?.includes('${') === true ? undefined : specifier,
      line: code.slice(0, index + length).split('\n').length,
    })),
  );
}
