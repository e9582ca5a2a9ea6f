import type { Diagnosis } from '../findings/diagnosis.ts';

/** A document that kleak wrote, read back so that it can be rendered again. */
export function parseDiagnosis(text: string): Diagnosis {
  const parsed: unknown = JSON.parse(text);
  if (!isDiagnosis(parsed)) throw new TypeError('not a document of kleak diagnose');
  return parsed;
}

const isDiagnosis = (value: unknown): value is Diagnosis =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'kleak.diagnosis/1';
