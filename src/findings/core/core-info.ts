/** `kleak core info --json`. Sizes in bytes, addresses as 16 hex digits. */
export interface CoreInfo {
  readonly release: string;
  readonly machine: 'x86-64' | 'aarch64';
  /** Absent where the dump has no types to tell by. */
  readonly allocator?: 'SLUB' | 'SLAB';
  readonly container: string;
  readonly files: readonly string[];
  readonly pageSize: number;
  /** What the memory map describes, holes left out. */
  readonly ramBytes: number;
  /** Page frames by what the dump has of them. */
  readonly pages: {
    readonly present: number;
    readonly excluded: number;
    readonly zero: number;
    readonly unreadable: number;
  };
  readonly symbols: { readonly source: string; readonly count: number };
  readonly types: { readonly source: string; readonly count: number };
  readonly modules: readonly CoreModule[];
  readonly cpus: number;
  readonly uptimeSeconds?: number;
  readonly problems: readonly string[];
}

export interface CoreModule {
  readonly name: string;
  readonly base: string;
  readonly sizeBytes: number;
  /** Whether its own types (split BTF) are in the dump. */
  readonly hasTypes: boolean;
}
