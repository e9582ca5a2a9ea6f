import type { Finding } from '../../src/findings/finding.ts';
import type { Expected } from './guests.ts';

/** How far a finding says what was planted. A part that nothing in memory could tell is absent. */
export interface Judgement {
  readonly layer: boolean;
  readonly cache?: boolean;
  readonly named?: boolean;
  /** All of what could be told. */
  readonly right: boolean;
  /** What it said, in a line. */
  readonly said: string;
}

/** `caches`: where what was planted lies, by the dump; empty for pages and areas. */
export function judgeFinding(finding: Finding | undefined, expected: Expected, caches: readonly string[]): Judgement {
  if (!finding) return { layer: false, right: false, said: 'nothing' };
  const layer = expected.layers.includes(finding.layer);
  const cache = matches(cachesOf(finding), [...expected.caches, ...caches]);
  const named = matches([...cachesOf(finding), ...namesOf(finding)], expected.names);
  return {
    layer,
    ...(cache === undefined ? {} : { cache }),
    ...(named === undefined ? {} : { named }),
    right: layer && cache !== false && named !== false,
    said: `${finding.verdict}, ${finding.layer}: ${finding.title}`,
  };
}

/** Undefined where there is nothing that could be said. */
const matches = (said: readonly (string | undefined)[], wanted: readonly string[]): boolean | undefined =>
  wanted.length === 0 ? undefined : wanted.some((name) => said.includes(name));

const cachesOf = ({ subject }: Finding): readonly (string | undefined)[] =>
  subject ? [subject.cache, ...(subject.aliases ?? []), ...(subject.together ?? [])] : [];

/** The title names every struct of what was left behind together. */
const namesOf = ({ title, subject, owner }: Finding): readonly (string | undefined)[] => [
  subject?.type?.replace(/^struct /, ''),
  subject?.function,
  subject?.path?.replace(/^\//, ''),
  owner?.name,
  owner?.function,
  ...Array.from(title.matchAll(/struct (\w+)/g), ([, name]) => name),
];
