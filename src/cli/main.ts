#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/** Says the version without loading anything else, then hands over to the commands. */
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`kleak ${packageVersion()}\n`);
} else {
  // Whoever reads the output may stop early, as head does. The status is the one that a shell gives for it.
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
    process.exit(141);
  });
  // Left alone, the heap grows to several times what lives before it is cleaned. A Node that does not know the flag goes on.
  setFlagsFromString('--heap-growing-percent=100');
  const { run } = await import('./run.ts');
  process.exitCode = await run(args, packageVersion());
}

/** The nearest package.json upwards: the source lies one level nearer to it than what is built. */
function packageVersion(): string {
  for (const up of ['../..', '../../..']) {
    try {
      const text = readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8');
      const version = /"version": "([^"]+)"/.exec(text)?.[1];
      if (version !== undefined && text.includes('"name": "kleak"')) return version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
