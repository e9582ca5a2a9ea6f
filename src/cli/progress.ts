import type { WriteStream } from 'node:tty';
import { spellBytes } from '../base/spelling.ts';
import type { ReadProgress } from '../pipeline/collect.ts';
import { escapeTerminal } from '../report/escape.ts';

/** A line on the terminal that is written over again, from half a second on; nothing elsewhere. */
export function terminalLine(stream: WriteStream): { show: (text: string) => void; clear: () => void } {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const started = performance.now();
  let shown = false;
  return {
    show(text) {
      if (performance.now() - started < 500) return;
      stream.write(`\r\u001b[K${text.slice(0, Math.max(20, stream.columns - 1))}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** Says what is read, how far, how fast and how long yet. */
export function progressLine(stream: WriteStream): { show: (p: ReadProgress) => void; clear: () => void } {
  const line = terminalLine(stream);
  const started = performance.now();
  return {
    show(p) {
      const rate = p.bytes / Math.max((performance.now() - started) / 1000, 0.001);
      const part = p.totalBytes ? ` of ${spellBytes(p.totalBytes)}` : '';
      const left = p.totalBytes && rate > 0 ? `, ${Math.ceil((p.totalBytes - p.bytes) / rate)} s left` : '';
      line.show(`reading ${escapeTerminal(p.name)}: ${spellBytes(p.bytes)}${part}, ${spellBytes(rate)}/s${left}`);
    },
    clear: () => line.clear(),
  };
}
