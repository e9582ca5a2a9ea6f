/** `kleak core export --json`: what was written where. */
export interface CoreExport {
  readonly file: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}
