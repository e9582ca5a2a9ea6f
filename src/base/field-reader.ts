/** Reads the blank-separated fields of one line, in order. Check `ok` once, at the end. */
export class FieldReader {
  readonly #words: readonly string[];
  #at = 0;
  #ok = true;

  constructor(line: string) {
    this.#words = line.trim().split(/\s+/);
  }

  /** False once any field was absent or of the wrong shape; what was read is then meaningless. */
  get ok(): boolean {
    return this.#ok;
  }

  /** True where no field is left. */
  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  word(): string {
    const word = this.#words[this.#at++] ?? '';
    if (word === '') this.#ok = false;
    return word;
  }

  /** The next field without taking it; '' at the end. */
  peek(): string {
    return this.#words[this.#at] ?? '';
  }

  /** A non-negative whole number. */
  count(): number {
    const digits = this.word();
    const n = Number(digits);
    if (/^\d+$/.test(digits) && Number.isSafeInteger(n)) return n;
    this.#ok = false;
    return 0;
  }

  literal(expected: string): void {
    if (this.word() !== expected) this.#ok = false;
  }
}
