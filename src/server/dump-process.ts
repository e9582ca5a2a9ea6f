import { DumpReader, type DumpQuestion } from '../pipeline/serve/answer-dump.ts';

/** What is asked of the process of a dump: first the dump, then one question after the other. */
export type DumpOrder =
  { readonly path: string; readonly symbols: readonly string[] } | { readonly question: DumpQuestion };

/** What it says. */
export type DumpWord =
  | { readonly kind: 'doing'; readonly text: string }
  | { readonly kind: 'answer'; readonly body: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** Bytes of an answer: more nobody reads on a page. */
const MOST_ANSWER = 16 * 2 ** 20;

let path = '';
let symbols: readonly string[] = [];
let reader: DumpReader | undefined;

process.on('message', (order: DumpOrder) => {
  if ('path' in order) ({ path, symbols } = order);
  else say(answer(order.question));
});

function answer(question: DumpQuestion): DumpWord {
  try {
    if (!reader) say({ kind: 'doing', text: 'opening the dump' });
    reader ??= new DumpReader(path, symbols);
    const body = JSON.stringify(reader.answer(question, (text) => say({ kind: 'doing', text })));
    if (body.length <= MOST_ANSWER) return { kind: 'answer', body };
    return { kind: 'failed', problem: 'the answer is more than a page can show; kleak core gives it as JSON' };
  } catch (cause) {
    return { kind: 'failed', problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

function say(word: DumpWord): void {
  process.send?.(word);
}
