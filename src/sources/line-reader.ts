import { isAscii } from 'node:buffer';
import { cleanLine, type TextLine } from '../formats/text/line.ts';

const NEWLINE = 10;
const NO_BYTES = Buffer.alloc(0);
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Cuts bytes into clean, numbered lines, wherever chunks begin and end. Each line is a string of its own rather than a
 * slice of the chunk, so that a cache's name kept in a record does not keep megabytes of text with it. Bytes that are
 * no UTF-8 become replacement characters.
 */
export class LineReader {
  readonly #longest: number;
  #rest: Buffer = NO_BYTES;
  #number = 1;
  #cut = 0;

  /** `longest`: bytes of a line that are kept. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Lines that were longer than what is kept of them. */
  get cut(): number {
    return this.#cut;
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#number - 1;
  }

  /** Appends the lines that end in the chunk. */
  read(chunk: Uint8Array, into: TextLine[]): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    let end = bytes.indexOf(NEWLINE);
    if (this.#rest.length > 0) {
      this.#hold(bytes.subarray(0, end < 0 ? bytes.length : end));
      if (end < 0) return;
      into.push(this.#held());
      start = end + 1;
      end = bytes.indexOf(NEWLINE, start);
    }
    const encoding = isAscii(bytes) ? 'latin1' : 'utf8';
    for (; end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      into.push(
        end - start > this.#longest
          ? this.#shortened(bytes.subarray(start, end))
          : this.#line(bytes.toString(encoding, start, end)),
      );
      start = end + 1;
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
  }

  /** Appends the last line, where no line end follows it. */
  end(into: TextLine[]): void {
    if (this.#rest.length > 0) into.push(this.#held());
  }

  /** Keeps the beginning of a line whose end is not there yet: a copy, and one byte more than will be shown of it. */
  #hold(part: Buffer): void {
    const room = this.#longest + 1 - this.#rest.length;
    if (room > 0) this.#rest = Buffer.concat([this.#rest, part.subarray(0, room)]);
  }

  #held(): TextLine {
    const bytes = this.#rest;
    this.#rest = NO_BYTES;
    return bytes.length > this.#longest ? this.#shortened(bytes) : this.#line(bytes.toString('utf8'));
  }

  #shortened(bytes: Buffer): TextLine {
    this.#cut++;
    return this.#line(bytes.toString('utf8', 0, this.#longest));
  }

  #line(text: string): TextLine {
    const number = this.#number++;
    return cleanLine(number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text, number);
  }
}
