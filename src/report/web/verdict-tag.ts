import type { Verdict } from '../../findings/finding.ts';
import { html, type Markup } from '../html-markup.ts';
import { VERDICT_WORDS } from '../words.ts';

export const verdictTag = (verdict: Verdict): Markup =>
  html`<span class="tag v-${verdict}">${VERDICT_WORDS[verdict]}</span>`;

export const isVerdict = (word: string): word is Verdict => Object.hasOwn(VERDICT_WORDS, word);

/** For the choice above a table. */
export const VERDICT_KINDS: readonly (readonly [Verdict, string])[] = [
  ['leak', 'leak'],
  ['growth', 'suspected leak'],
  ['inconclusive', 'cannot tell'],
  ['not-a-leak', 'not a leak'],
];
