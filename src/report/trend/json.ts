import type { TrendDocument } from '../../findings/trend.ts';
import { jsonFinding, printable } from '../json.ts';

/** The document `kleak.trend/1`, with the findings in the contract's shape. */
export function renderTrendJson(document: TrendDocument): string {
  const { findings, ...rest } = document;
  return `${printable(JSON.stringify({ ...rest, findings: findings.map(jsonFinding) }, undefined, 2))}\n`;
}
