import type { WriteStream } from 'node:tty';
import { spellBytes } from '../base/spelling.ts';
import type { ReadProgress } from '../pipeline/collect.ts';
import { escapeTerminal } from '../report/escape.ts';

/** A line on the terminal that says what is read, how far, how fast and how long yet; nothing elsewhere. */
export function progressLine(stream: WriteStream): { show: (p: ReadProgress) => void; clear: () => void } {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const started = performance.now();
  let shown = false;
  return {
    show(p) {
      const seconds = (performance.now() - started) / 1000;
      if (seconds < 0.5) return;
      const rate = p.bytes / Math.max(seconds, 0.001);
      const part = p.totalBytes ? ` of ${spellBytes(p.totalBytes)}` : '';
      const left = p.totalBytes && rate > 0 ? `, ${Math.ceil((p.totalBytes - p.bytes) / rate)} s left` : '';
      const line = `reading ${escapeTerminal(p.name)}: ${spellBytes(p.bytes)}${part}, ${spellBytes(rate)}/s${left}`;
      stream.write(`\r\u001b[K${line.slice(0, Math.max(20, stream.columns - 1))}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
