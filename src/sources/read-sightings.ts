import type { AnyTextFormat, Sighting } from '../formats/catalog.ts';
import { framingOf, type Unframe } from '../formats/text/framing.ts';
import type { TextLine } from '../formats/text/line.ts';
import { LARGEST_BLOCK, LOOK_BEHIND, splitBlocks } from '../formats/text/split.ts';
import { peek, type Chunks } from './chunks.ts';
import { contentKind, HEAD_BYTES, wideEncoding } from './content-kind.ts';
import { defaultLimits } from './limits.ts';
import { LineReader } from './line-reader.ts';
import type { SourceFile, Unread } from './source-file.ts';

/** What the reading of one file came to. */
export interface Tally {
  readonly lines: number;
  /** Lines that no format claimed and that are not blank. */
  readonly unclaimed: number;
  /** True where it is no text; nothing of it was read then. */
  readonly binary: boolean;
}

export interface ReadOptions {
  /** Bytes of text looked at together, about; a block that goes on behind them is kept whole. */
  readonly windowBytes?: number;
  /** Bytes of one line that are kept. */
  readonly lineBytes?: number;
  /** Hears of what was cut. */
  readonly unread?: (unread: Unread) => void;
  /** Called once, when the file has been read to its end. */
  readonly done?: (tally: Tally) => void;
}

const WINDOW = 2 ** 20;
/** Characters of unfinished blocks that are kept; beyond that they are read in parts. */
const MOST_CARRIED = 64 * 2 ** 20;

/** Finds and reads every block of every format in a file, window by window. */
export async function* readSightings(
  file: SourceFile,
  formats: readonly AnyTextFormat[],
  options: ReadOptions = {},
): AsyncGenerator<Sighting> {
  const { windowBytes = WINDOW, lineBytes = defaultLimits.lineBytes } = options;
  const peeked = await peek(file.text(), HEAD_BYTES);
  try {
    const kind = contentKind(peeked.head).kind;
    if (kind !== 'text' && kind !== 'empty') {
      options.done?.({ lines: 0, unclaimed: 0, binary: true });
      return;
    }
    const reader = new LineReader(lineBytes);
    const window = new Window(formats, file.name);
    let bytes = 0;
    for await (const part of pieces(asUtf8(peeked.chunks, peeked.head), windowBytes)) {
      reader.read(part, window.lines);
      bytes += part.length;
      if (bytes < windowBytes) continue;
      bytes = 0;
      yield* window.split(true);
    }
    reader.end(window.lines);
    yield* window.split(false);
    if (reader.cut > 0)
      options.unread?.({ what: file.name, why: `${reader.cut} lines longer than ${lineBytes} bytes were cut` });
    options.done?.({ lines: reader.lines, unclaimed: window.unclaimed, binary: false });
  } finally {
    await peeked.close();
  }
}

async function* pieces(chunks: Chunks, size: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}

/** Lines that wait for the blocks they belong to. */
class Window {
  lines: TextLine[] = [];
  unclaimed = 0;
  /** What was put around each line; not looked for yet where it is null. */
  #unframe: Unframe | undefined | null = null;
  /** Lines at the start of `lines` that are freed of it. */
  #bare = 0;
  readonly #formats: readonly AnyTextFormat[];
  readonly #file: string;
  /** Lines at the start of `lines` that were dealt with and are kept because formats look back. */
  #behind = 0;
  /** No use in looking again before there are this many: what is there waits for its end. */
  #enough = 0;

  constructor(formats: readonly AnyTextFormat[], file: string) {
    this.#formats = formats;
    this.#file = file;
  }

  split(more: boolean): readonly Sighting[] {
    if (more && this.lines.length < this.#enough) return [];
    this.#unframe = this.#unframe === null ? framingOf(this.lines) : this.#unframe;
    if (this.#unframe) {
      this.lines = [...this.lines.slice(0, this.#bare), ...this.#unframe(this.lines.slice(this.#bare))];
    }
    const goesOn = more && !this.#isFull();
    const { sightings, unclaimed, consumed } = splitBlocks(this.#formats, this.lines, this.#file, goesOn, this.#behind);
    this.unclaimed += unclaimed;
    this.#behind = Math.min(consumed, LOOK_BEHIND);
    this.lines = this.lines.slice(consumed - this.#behind);
    this.#bare = this.lines.length;
    this.#enough = Math.min(2 * this.lines.length, LARGEST_BLOCK);
    return sightings;
  }

  #isFull(): boolean {
    let characters = 0;
    for (const { text } of this.lines) characters += text.length;
    return characters > MOST_CARRIED;
  }
}

async function* asUtf8(chunks: Chunks, head: Uint8Array): AsyncGenerator<Uint8Array> {
  const encoding = wideEncoding(head);
  if (encoding === undefined) {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}
