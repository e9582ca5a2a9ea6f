import { spawn } from 'node:child_process';

/** One run of a command. */
export interface Run {
  readonly milliseconds: number;
  /** Largest resident set in bytes, as the kernel counted it for this process alone; only where it was asked for. */
  readonly peakBytes?: number;
  readonly status: number;
  readonly stdout: string;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Exit statuses that mean that it worked. */
  readonly expected: readonly number[];
}

/**
 * Prints VmHWM at exit, behind a mark, on standard error. Not getrusage's maxrss: that one also counts the process
 * which started this one, since the kernel hands its peak on at exec.
 */
const PRELOAD = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  process.stderr.write('VmHWM=' + /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1] + '\\n');
});`;
const WITH_PEAK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` };

/** Runs a command to its end and measures from before it starts until it is gone. */
export async function runOnce(command: Command, peak: boolean): Promise<Run> {
  const start = performance.now();
  const env = peak ? { ...process.env, ...WITH_PEAK } : process.env;
  const child = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  const milliseconds = performance.now() - start;
  if (!command.expected.includes(status))
    throw new Error(`${command.file} ${command.args[0] ?? ''} ended with ${status}: ${err.join('').slice(0, 2000)}`);
  const kib = /VmHWM=(\d+)/.exec(err.join(''))?.[1];
  return {
    milliseconds,
    status,
    stdout: out.join(''),
    ...(kib === undefined ? {} : { peakBytes: Number(kib) * 1024 }),
  };
}

/** What several runs came to. */
export interface Measurement {
  readonly runs: number;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  readonly peakBytes?: number;
  readonly stdout: string;
}

/** Runs a command `times` times, once more before that so that files are in the page cache, where it is a quick one. */
export async function measure(command: Command, times: number, options: { peak: boolean }): Promise<Measurement> {
  if (times > 3) await runOnce(command, false);
  const runs: Run[] = [];
  for (let i = 0; i < times; i++) runs.push(await runOnce(command, options.peak));
  const sorted = runs.map((run) => run.milliseconds).toSorted((a, b) => a - b);
  const peaks = runs.flatMap((run) => run.peakBytes ?? []);
  return {
    runs: times,
    medianMs: median(sorted),
    fastestMs: sorted[0] ?? 0,
    slowestMs: sorted.at(-1) ?? 0,
    ...(peaks.length > 0 ? { peakBytes: Math.max(...peaks) } : {}),
    stdout: runs.at(-1)?.stdout ?? '',
  };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
