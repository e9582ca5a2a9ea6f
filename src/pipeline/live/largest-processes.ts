import { kibibytes, type Bytes } from '../../base/units.ts';
import type { ProcessSample } from '../../model/sample.ts';
import type { TimedReader } from '../../sources/live/timed-reader.ts';

const MOST_PROCESSES = 8192;
const LARGEST = 16;
const FILE_BYTES = 16 * 1024;

/**
 * The processes that hold most, by their proportional share. Adding up the share walks a process's page tables, so only
 * those that are largest by the cheap figure (statm) are asked for it.
 */
export class LargestProcesses {
  readonly #proc: string;
  readonly #reader: TimedReader;

  constructor(proc: string, reader: TimedReader) {
    this.#proc = proc;
    this.#reader = reader;
  }

  /** Nothing once a file hangs: the next might too, and threads to wait are few. */
  async measure(): Promise<readonly ProcessSample[]> {
    const samples: ProcessSample[] = [];
    for (const pid of await this.#largest()) {
      if (this.#reader.held) return [];
      const pss = await this.#pss(pid);
      const name = (await this.#text(pid, 'comm'))?.trimEnd();
      if (pss !== undefined && name !== undefined) samples.push({ pid, name, pss });
    }
    return samples.toSorted((a, b) => b.pss - a.pss);
  }

  async #largest(): Promise<readonly number[]> {
    const reply = await this.#reader.names(this.#proc);
    const pids = ('names' in reply ? reply.names : []).filter((name) => /^\d+$/.test(name)).map(Number);
    const resident: { readonly pid: number; readonly pages: number }[] = [];
    for (const pid of pids.slice(0, MOST_PROCESSES)) {
      if (this.#reader.held) return [];
      const pages = Number((await this.#text(pid, 'statm'))?.split(' ')[1]);
      if (pages > 0) resident.push({ pid, pages });
    }
    return resident
      .toSorted((a, b) => b.pages - a.pages)
      .slice(0, LARGEST)
      .map(({ pid }) => pid);
  }

  async #pss(pid: number): Promise<Bytes | undefined> {
    const digits = /^Pss:\s+(\d{1,12}) kB$/m.exec((await this.#text(pid, 'smaps_rollup')) ?? '')?.[1];
    return digits === undefined ? undefined : kibibytes(Number(digits));
  }

  /** Undefined where the process is gone, or is not ours to look at. */
  async #text(pid: number, file: string): Promise<string | undefined> {
    const reply = await this.#reader.read(`${this.#proc}/${pid}/${file}`, FILE_BYTES);
    return 'content' in reply ? reply.content.toString() : undefined;
  }
}
