import type { Command } from 'commander';
import { durationOption } from './duration.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';

interface Options {
  readonly for: number;
  readonly stacks?: boolean;
  readonly json?: boolean;
  readonly output?: string;
}

/** `kleak trace CACHE`: who allocates from a cache and does not give back, by the kernel's trace events. */
export function addTrace(program: Command, outcome: Outcome): void {
  program
    .command('trace')
    .helpGroup('Prove:')
    .summary('allocations and frees of one slab cache by place and process, as they happen')
    .description(
      'Follows the allocations and frees of one slab cache by the kernel’s trace events, in a trace buffer of its own that is removed again. Needs root.',
    )
    .argument('<cache>', 'as slabinfo names it, e.g. kmalloc-128')
    .addOption(durationOption('--for <time>', 'how long', { preset: '60s', least: 1, most: 86_400 }))
    .option('--stacks', 'record the stack of each allocation: names callers, costs more')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (cache: string, given: Options) => {
      const { traceCache } = await import('../pipeline/trace/trace-cache.ts');
      const { renderTrace } = await import('../report/trace-text.ts');
      const stopping = new Stopping();
      const line = terminalLine(process.stderr);
      try {
        const document = await traceCache(cache, {
          seconds: given.for,
          stacks: given.stacks === true,
          stop: stopping.signal,
          progress: (text) => line.show(text),
        });
        line.clear();
        if (stopping.terminated) return;
        await writeOut(
          given.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : renderTrace(document),
          given.output,
        );
        outcome.status = exitStatus(document.verdict, false);
      } finally {
        line.clear();
        stopping.close(outcome);
      }
    });
}

/**
 * Ctrl-C ends the trace, and what was seen is printed; a second one ends kleak. SIGTERM and SIGHUP end it without an answer.
 * Either way the trace is removed first.
 */
class Stopping {
  terminated = false;
  readonly #controller = new AbortController();
  readonly #interrupt = (): void => {
    if (this.#controller.signal.aborted) process.exit(130);
    this.#controller.abort();
  };
  readonly #terminate = (): void => {
    this.terminated = true;
    this.#controller.abort();
  };

  constructor() {
    process.on('SIGINT', this.#interrupt).on('SIGTERM', this.#terminate).on('SIGHUP', this.#terminate);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(outcome: Outcome): void {
    process.off('SIGINT', this.#interrupt).off('SIGTERM', this.#terminate).off('SIGHUP', this.#terminate);
    if (this.terminated) outcome.status = 143;
  }
}
