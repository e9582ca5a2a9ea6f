import type { Finding } from '../findings/finding.ts';

/** Rules that prove, from a dump, what a series only shows to grow. */
const PROOFS: ReadonlySet<string> = new Set([
  'unreachable-objects',
  'unbalanced-references',
  'unreferenced-pages',
  'negative-names',
  'held-growth',
  'process-holds',
]);
/** What is beside the cache that was proven may be as large as this many times the proof, and the proof explains it. */
const WITHIN = 2;

/**
 * What a dump proves and what counters show of the same memory are one story: the proof, with the rate of the series.
 * Findings that a proof explains are left out; "it all adds up" is no answer beside a proven leak.
 */
export function joinSeries(findings: readonly Finding[]): readonly Finding[] {
  const proofs = findings.filter(({ id }) => PROOFS.has(id));
  if (proofs.length === 0) return findings;
  const explained = new Map<Finding, Finding[]>();
  const left = findings.filter((finding) => {
    const proof = proofs.find((candidate) => explains(candidate, finding));
    if (proof === undefined) return true;
    explained.set(proof, [...(explained.get(proof) ?? []), finding]);
    return false;
  });
  const lost = proofs.some(({ verdict }) => verdict === 'leak');
  return left
    .filter(({ id }) => !(lost && id === 'all-accounted'))
    .map((finding) => withRate(finding, explained.get(finding) ?? []));
}

function explains(proof: Finding, finding: Finding): boolean {
  if (PROOFS.has(finding.id) || (finding.verdict === 'leak' && !isOfCounters(finding))) return false;
  const named = cachesOf(finding);
  const small = finding.bytes === undefined || proof.bytes === undefined || finding.bytes <= proof.bytes * WITHIN;
  if (named.length === 0) return small && OF_PAGES.has(finding.id) && finding.layer === proof.layer;
  const known = [...cachesOf(proof), ...(proof.subject?.aliases ?? [])];
  // What processes have open is counted with whatever grew beside it.
  const isOpen = proof.id === 'process-holds' && finding.id === 'open-sockets';
  return small && (isOpen ? named.slice(0, 1) : named).every((cache) => known.includes(cache));
}

/** More objects than threads, by counters alone: the dump shows what they are and whose, also in a cache that serves others too. */
const isOfCounters = ({ id, subject }: Finding): boolean =>
  id === 'slab-cache-growth' && subject?.function === undefined;

/** Findings about memory that no cache holds. */
const OF_PAGES: ReadonlySet<string> = new Set(['unexplained-pages', 'layer-growth', 'vmalloc-users']);

function withRate(proof: Finding, grown: readonly Finding[]): Finding {
  const series = grown.filter(({ rate }) => rate !== undefined);
  const lead = series.find(({ subject }) => subject?.cache === proof.subject?.cache) ?? series[0];
  if (lead?.rate === undefined || proof.rate !== undefined) return proof;
  const { bytesPerHour, low, high } = lead.rate;
  const slope = {
    bytesPerHour,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  };
  return {
    ...proof,
    rate: proof.verdict === 'not-a-leak' ? slope : lead.rate,
    evidence: [...proof.evidence, { ...lead.evidence[0], text: `over time: ${lead.evidence[0].text}` }],
    ...(proof.terms ? { terms: [...proof.terms, 'growth rate'] } : {}),
  };
}

const cachesOf = ({ subject }: Finding): readonly string[] =>
  [subject?.cache, ...(subject?.together ?? [])].filter((cache) => cache !== undefined);
