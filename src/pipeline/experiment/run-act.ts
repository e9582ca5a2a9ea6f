import { spawn } from 'node:child_process';
import type { ExperimentAct } from '../../findings/experiment.ts';

/**
 * Runs the command that the user gave, as program and arguments; no shell reads it. What it prints goes to standard error,
 * so that standard output holds the result alone.
 */
export function runCommand(command: readonly string[]): Promise<ExperimentAct> {
  const [program = '', ...args] = command;
  const started = performance.now();
  const end = (how: Partial<ExperimentAct>): ExperimentAct => ({
    kind: 'command',
    command,
    seconds: Number(((performance.now() - started) / 1000).toFixed(2)),
    ...how,
  });
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['inherit', 2, 2] });
    child.once('error', (cause) => resolve(end({ failed: wordFailure(program, cause) })));
    child.once('exit', (status, signal) =>
      resolve(end({ ...(status === null ? {} : { exitStatus: status }), ...(signal === null ? {} : { signal }) })),
    );
  });
}

function wordFailure(program: string, cause: Error): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return `${program}: no such program`;
  if (code === 'EACCES') return `${program}: may not be run`;
  return `${program}: ${cause.message}`;
}
