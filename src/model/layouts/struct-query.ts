/** What people write to name a struct, or members of it. */
export interface StructQuery {
  /** As `Layouts.struct` takes it. */
  readonly type: string;
  readonly paths: readonly string[];
}

const QUERY = /^(?:(struct|union)\s+)?(\w+)((?:\.[\w.[\]]+(?:,[\w.[\]]+)*)?)$/;

/** `kmem_cache`, `struct page.flags`, `task_struct.comm,pid,tasks.next`; undefined for what is none. */
export function parseStructQuery(text: string): StructQuery | undefined {
  const [, tag, name, paths = ''] = QUERY.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  return {
    type: tag === undefined ? name : `${tag} ${name}`,
    paths: paths === '' ? [] : paths.slice(1).split(','),
  };
}
