import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Evidence, Finding, KnownIssueRef, NextStep } from '../findings/finding.ts';
import { plural, spellBytes } from './amounts.ts';
import { html, type Markup } from './html-markup.ts';
import { isWebAddress } from './markdown-escape.ts';
import { rateWords } from './rate-words.ts';
import { sharedDirectory, spellSource } from './sources.ts';
import { confidenceWords, LAYER_WORDS, ownerWords, riskWords, subjectWords, VERDICT_WORDS } from './words.ts';

/** A term's place on this page; undefined where the page does not explain it. */
export type TermTarget = (term: string) => string | undefined;

/** Findings as cards. The evidence of the first is open: it is what the verdict rests on. */
export function findingsSection(diagnosis: Diagnosis, termTarget: TermTarget): Markup | undefined {
  const { findings } = diagnosis;
  if (findings.length === 0) return undefined;
  const directory = sharedDirectory(diagnosis);
  return html`<section aria-labelledby="findings">
    <h2 id="findings">${findings.length === 1 ? 'Finding' : 'Findings'}</h2>
    ${findings.map((finding, i) => card(finding, i + 1, directory, termTarget))}
  </section>`;
}

function card(finding: Finding, number: number, directory: string, termTarget: TermTarget): Markup {
  const { verdict, layer, evidence, next, knownIssue, terms = [] } = finding;
  const facts = factsOf(finding);
  return html`<article class="card v-${verdict}" aria-labelledby="finding-${number}">
    <header>
      <h3 id="finding-${number}"><span class="number">${number}</span> ${finding.title}</h3>
      <p class="tags">
        <span class="tag verdict">${VERDICT_WORDS[verdict]}</span>
        ${layer !== 'none' && html`<span class="tag">${LAYER_WORDS[layer]}</span>`}
        <span class="tag">${confidenceWords(finding.confidence)}</span>
        <span class="tag"><code>${finding.id}</code></span>
      </p>
    </header>
    ${
      facts.length > 0 &&
      html`<dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>`
    }
    <details ${number === 1 && html`open`}>
      <summary>Why: ${plural(evidence.length, 'piece')} of evidence</summary>
      <ul class="evidence">
        ${evidence.map((piece) => evidenceItem(piece, directory))}
      </ul>
    </details>
    ${knownIssue && knownBlock(knownIssue)} ${next.length > 0 && nextBlock(next)}
    ${terms.length > 0 && html`<p class="note">Terms: ${separated(terms.map((term) => termLink(term, termTarget)))}</p>`}
  </article>`;
}

function factsOf({ verdict, bytes, objects, subject, owner, rate }: Finding): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [];
  if (bytes !== undefined) facts.push(['Holds', spellBytes(bytes)]);
  if (objects !== undefined) facts.push(['Objects', plural(objects, 'object').replace(/ objects?$/, '')]);
  if (subject !== undefined && subjectWords(subject).length > 0) facts.push(['What', subjectWords(subject).join(', ')]);
  if (owner !== undefined) facts.push(['Who', ownerWords(owner)]);
  if (rate !== undefined) facts.push(['Rate', rateWords(rate, verdict)]);
  return facts;
}

const evidenceItem = ({ text, source }: Evidence, directory: string): Markup =>
  html`<li>${text} <code class="source">${spellSource(source, directory)}</code></li>`;

function knownBlock(known: KnownIssueRef): Markup {
  return html`<div class="known">
    <h4>Known issue ${known.id}</h4>
    <p>${known.title}</p>
    ${known.cause !== undefined && html`<p><b>Cause.</b> ${known.cause}</p>`}
    ${known.fix !== undefined && html`<p><b>Fix.</b> ${known.fix}</p>`}
    ${known.fixedIn !== undefined && html`<p><b>Fixed in</b> ${known.fixedIn}</p>`}
    ${
      known.references.length > 0 &&
      html`<ul class="references">
        ${known.references.map((reference) => html`<li>${referenceLink(reference)}</li>`)}
      </ul>`
    }
  </div>`;
}

const referenceLink = (reference: string): Markup | string =>
  isWebAddress(reference) ? html`<a href="${reference}" rel="noopener noreferrer">${reference}</a>` : reference;

const nextBlock = (next: readonly NextStep[]): Markup =>
  html`<h4>What next</h4>
    <ol class="next">
      ${next.map(
        (step) =>
          html`<li>
            <div class="command">
              <pre><code>${step.command}</code></pre>
              <button type="button" class="copy" hidden aria-label="Copy the command">Copy</button>
            </div>
            <p>${step.why} <span class="risk r-${step.risk}">${riskWords(step)}</span></p>
          </li>`,
      )}
    </ol>`;

function termLink(term: string, termTarget: TermTarget): Markup | string {
  const target = termTarget(term);
  return target === undefined ? html`<code>${term}</code>` : html`<a href="#${target}">${term}</a>`;
}

const separated = (parts: readonly (Markup | string)[]): readonly (Markup | string)[] =>
  parts.flatMap((part, i) => (i === 0 ? [part] : [', ', part]));
