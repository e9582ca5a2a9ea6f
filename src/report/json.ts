import type { Provenance } from '../base/provenance.ts';
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Finding } from '../findings/finding.ts';
import { escapeTerminal } from './escape.ts';
import type { JsonDiagnosis, JsonFinding, JsonPlace, JsonSource } from './json-document.ts';
import { placesOf, type Place } from './sources.ts';

/** The contract's document, indented, one line end at its end. Sizes are bytes, rates bytes per hour; missing is absent. */
export function renderJson(diagnosis: Diagnosis): string {
  return `${printable(JSON.stringify(jsonDiagnosis(diagnosis), finite, 2))}\n`;
}

/** The document as an object, for those who embed it in another. */
export function jsonDiagnosis(diagnosis: Diagnosis): JsonDiagnosis {
  return {
    ...diagnosis,
    findings: diagnosis.findings.map(jsonFinding),
    series: diagnosis.series.map(({ name, points }) => ({
      name,
      points: points.filter((point) => point.every(Number.isFinite)),
    })),
  };
}

export function jsonFinding(finding: Finding): JsonFinding {
  return {
    ...finding,
    evidence: finding.evidence.map(({ text, source }) => ({ text, source: jsonSource(source) })),
  };
}

function jsonSource(source: Provenance): JsonSource {
  if (source.kind !== 'derived') return jsonPlace(source);
  const places = placesOf(source).map(jsonPlace);
  // What a computation says without a place of its own is still attributed: to the computation.
  return { ...(places[0] ?? { file: source.by }), by: source.by, sources: places };
}

function jsonPlace(place: Place): JsonPlace {
  switch (place.kind) {
    case 'line':
      return { file: place.file, line: place.line };
    case 'bytes':
      return {
        file: place.file,
        address: place.offset.toString(16).padStart(16, '0'),
        offset: place.offset,
        length: place.length,
      };
    case 'address':
      return { file: place.file, address: place.address };
  }
}

/** JSON has no infinities; a number that is none is not a measured one, and so absent. */
const finite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? undefined : value;

/**
 * JSON.stringify leaves C1 controls and bidi overrides as they are. Outside of strings the document is ASCII, inside
 * \uXXXX means the same, so what a terminal could act on is spelled that way; the line ends are the document's own.
 */
export const printable = (json: string): string =>
  json.replaceAll(/[^\n\x20-\x7e]/gu, (character) =>
    escapeTerminal(character) === character
      ? character
      : character
          .split('')
          .map((unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
