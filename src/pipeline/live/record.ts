import { dirname } from 'node:path';
import { InputError } from '../../sources/input-error.ts';
import { makeFolder } from '../../sources/make-folder.ts';
import { ServiceNotify } from '../../sources/live/service-notify.ts';
import { Recorder, type RecorderOptions, type Turn } from './recorder.ts';

export interface RecordOptions extends RecorderOptions {
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  /** One sample, and done. */
  readonly once: boolean;
  /** Hears of every turn, once what it wrote is on the disk. */
  readonly turned?: (turn: Turn) => void;
  /** Aborting ends the recording as it should. */
  readonly signal: AbortSignal;
  /** Address of a kleak server that is sent what is written, its token, and what it calls this host. */
  readonly push?: { readonly address: string; readonly token?: string; readonly host?: string };
  /** NOTIFY_SOCKET and PATH of the environment. */
  readonly notifySocket?: string;
  readonly path?: string;
}

/**
 * Records this host until it is told to stop. Throws InputError where the database cannot be opened or this host has no
 * account of memory; what comes later is told and gone on with. Resolves to whether a hanging file holds the process.
 */
export async function record(options: RecordOptions): Promise<{ readonly held: boolean }> {
  const { interval, once, signal, turned } = options;
  makeFolderOf(options.file);
  const recorder = new Recorder(options);
  const notify = new ServiceNotify(options.notifySocket, options.path);
  const pusher =
    options.push &&
    new (await import('./pusher.ts')).Pusher({ ...options.push, file: options.file, tell: options.tell });
  const inform = async (state: 'ready' | 'stopping' | 'status', status: string): Promise<void> => {
    const problem = await notify.tell(state, status);
    if (problem !== undefined) options.tell(problem);
  };
  try {
    const start = performance.now();
    let [full, ready] = [false, false];
    for (let n = 0; !signal.aborted; n++) {
      const turn = await recorder.turn();
      turned?.(turn);
      await pusher?.turn({ beside: !once });
      if (!ready && !once && turn.state === 'written') {
        ready = true;
        await inform('ready', `recording into ${options.file}`);
      }
      if (turn.state !== 'nothing' && (turn.state === 'full') !== full) {
        full = turn.state === 'full';
        await inform('status', full ? 'no room on the disk; waiting' : `recording into ${options.file}`);
      }
      if (once && turn.state !== 'nothing') break;
      // By the clock that stands still in sleep, and without catching up on what was missed.
      const late = performance.now() - start - n * interval;
      if (late >= interval) n += Math.floor(late / interval);
      await pause(start + (n + 1) * interval - performance.now(), signal);
    }
    if (!once) void notify.tell('stopping', 'stopping');
    return { held: recorder.held };
  } finally {
    await pusher?.close();
    recorder.close();
  }
}

function makeFolderOf(file: string): void {
  try {
    makeFolder(dirname(file));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
    throw new InputError(file, `its folder cannot be made: ${why}`, 'run as root, or give another --db', { cause });
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
