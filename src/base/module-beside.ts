/** The address of a module in the same folder, from source or built: `moduleBeside(import.meta.url, './worker')`. */
export const moduleBeside = (here: string, name: string): URL =>
  new URL(`${name}${here.endsWith('.ts') ? '.ts' : '.js'}`, here);
