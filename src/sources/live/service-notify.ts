import { spawn } from 'node:child_process';

/**
 * Tells the service manager how the service is, by `systemd-notify`: the manager listens on a datagram socket of the
 * file system, which Node cannot open (nodejs/node issue 29339). The unit needs NotifyAccess=all, because the sender is
 * a process of its own. Outside a unit of Type=notify it does nothing.
 */
export class ServiceNotify {
  readonly #socket: string | undefined;
  readonly #path: string;

  /** `socket`: NOTIFY_SOCKET of the environment. `path`: PATH. */
  constructor(socket: string | undefined, path: string | undefined) {
    this.#socket = socket === '' ? undefined : socket;
    this.#path = path ?? '/usr/bin:/bin';
  }

  /** Resolves to what went wrong, in words; undefined where it was told or there is nobody to tell. */
  async tell(state: 'ready' | 'stopping' | 'status', status: string): Promise<string | undefined> {
    const socket = this.#socket;
    if (socket === undefined) return undefined;
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', [...STATES[state], `STATUS=${status}`], {
        stdio: 'ignore',
        env: { NOTIFY_SOCKET: socket, PATH: this.#path },
        timeout: 5000,
      });
      child.on('error', () => resolve('systemd-notify cannot be run; use Type=exec in the unit'));
      child.on('exit', (code) => resolve(code === 0 ? undefined : `systemd-notify failed (${code})`));
    });
  }
}

/** As assignments, which every version takes; the option --stopping came with systemd 253. */
const STATES = { ready: ['READY=1'], stopping: ['STOPPING=1'], status: [] } as const;
