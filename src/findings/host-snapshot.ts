/** A file of the host that is in the archive. */
export interface SnapshotSource {
  /** Its place in the archive and on the host, without the first slash. */
  readonly path: string;
  /** In the archive; on the host it may have been longer where it was cut, or other where it was redacted. */
  readonly bytes: number;
  readonly cut: boolean;
  /** What reading it took. */
  readonly milliseconds: number;
}

/** The last file of an archive that `kleak snapshot` makes, `kleak-snapshot.json`: what it holds, and what not and why. */
export interface SnapshotDocument {
  readonly schema: 'kleak.snapshot/1';
  /** The version that made it. */
  readonly kleak: string;
  /** When reading began, by the host's clock: ISO 8601. */
  readonly taken: string;
  /** What reading all of it took. */
  readonly seconds: number;
  /** By what it was, how many different things were replaced; present where it was asked for. */
  readonly redacted?: Readonly<Record<string, number>>;
  readonly sources: readonly SnapshotSource[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** What `kleak snapshot` did: the archive's own document, and where it lies. */
export interface SnapshotReport extends SnapshotDocument {
  /** `-` for standard output. */
  readonly file: string;
  /** Of the archive. */
  readonly bytes: number;
}
