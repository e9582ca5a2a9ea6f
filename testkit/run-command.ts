import { execFile } from 'node:child_process';

/** How a program ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. `env` stands in place of the environment, not beside it. */
export function runCommand(file: string, args: readonly string[], { cwd, env }: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 64 * 2 ** 20, ...(cwd === undefined ? {} : { cwd }), ...(env ? { env } : {}) };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const started = typeof error?.code !== 'string';
      resolve({ status: child.exitCode ?? 1, stdout, stderr: started ? stderr : error.message });
    });
    child.stdin?.end();
  });
}
