import { readFileSync } from 'node:fs';

/** Names kept; a host may start many processes while it is traced. */
const MOST = 8192;
const SAVED_AGAIN = 200;

/** Names of processes by their id, from /proc or, for those that ended, from the list that tracing keeps. */
export class ProcessNames {
  readonly #proc: string;
  readonly #saved: string;
  readonly #names = new Map<number, string>();
  #savedAt = -Infinity;

  /** `root` is where the host's /proc is; `tracefs` holds saved_cmdlines. */
  constructor(tracefs: string, root = '') {
    this.#proc = `${root}/proc`;
    this.#saved = `${tracefs}/saved_cmdlines`;
  }

  /** `pid 1234` where nothing knows the name any more. */
  of(pid: number): string {
    if (pid === 0) return 'idle';
    const known = this.#names.get(pid);
    if (known !== undefined) return known;
    const name = this.#current(pid) ?? this.#ended(pid) ?? `pid ${pid}`;
    if (this.#names.size < MOST) this.#names.set(pid, name);
    return name;
  }

  /** Events name tasks: a thread goes by the name of its process. */
  #current(pid: number): string | undefined {
    try {
      const leader = /^Tgid:\t(\d{1,10})$/m.exec(readFileSync(`${this.#proc}/${pid}/status`, 'utf8'))?.[1] ?? pid;
      return readFileSync(`${this.#proc}/${leader}/comm`, 'utf8').trimEnd();
    } catch {
      return undefined;
    }
  }

  /** The list is short, and read at most five times a second. */
  #ended(pid: number): string | undefined {
    if (performance.now() - this.#savedAt > SAVED_AGAIN) {
      this.#savedAt = performance.now();
      for (const [id, name] of this.#list())
        if (!this.#names.has(id) && this.#names.size < MOST) this.#names.set(id, name);
    }
    return this.#names.get(pid);
  }

  #list(): readonly (readonly [number, string])[] {
    try {
      return readFileSync(this.#saved, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const [, id, name] = /^(\d{1,10}) (.{1,64})$/.exec(line) ?? [];
          return name === undefined || name === '<...>' ? [] : [[Number(id), name] as const];
        });
    } catch {
      return [];
    }
  }
}
