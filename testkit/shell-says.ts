import { runWords } from '../src/pipeline/core/shell/registry.ts';
import type { Shell } from '../src/pipeline/core/shell/shell.ts';
import { parseLine } from '../src/pipeline/core/shell/words.ts';
import { renderCrash } from '../src/report/core/crash/render-crash.ts';

/** What a line of the shell shows, as text; what stands behind a pipe is not run. */
export const shellSays = (shell: Shell, line: string): string =>
  [...runWords(shell, parseLine(line).words)].flatMap((block) => [...renderCrash(block)]).join('');
