import type { LintDocument, LintFinding, LintStep } from '../../findings/lint.ts';
import { escapeTerminalLines } from '../escape.ts';
import { printable } from '../json.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** `kleak lint --sarif`: SARIF 2.1.0, for the tools that show findings beside the code. */
export function renderSarif(document: LintDocument, version: string): string {
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kleak',
            semanticVersion: version,
            rules: document.rules.map(({ id, title, page }) => ({
              id,
              shortDescription: { text: plain(title) },
              help: { text: `${page} explains it: what leaks, how it looks on a machine, how to fix it.` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: document.findings.map((finding) => result(document, finding)),
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: document.unread.map(({ what, why }) => ({
              level: 'note',
              message: { text: plain(`not read: ${what}: ${why}`) },
            })),
          },
        ],
      },
    ],
  };
  return `${printable(JSON.stringify(log, undefined, 2))}\n`;
}

function result({ rules }: LintDocument, finding: LintFinding): unknown {
  return {
    ruleId: finding.id,
    ruleIndex: rules.findIndex(({ id }) => id === finding.id),
    level: finding.verdict === 'leak' ? 'error' : 'warning',
    rank: Math.round(finding.confidence * 100),
    message: { text: plain(`${finding.summary} Fix: ${finding.fix}`) },
    locations: [
      {
        physicalLocation: physical(finding.file, finding.line),
        logicalLocations: finding.function === '' ? [] : [{ name: plain(finding.function), kind: 'function' }],
      },
    ],
    ...(finding.path.length === 0 ? {} : { codeFlows: [{ threadFlows: [{ locations: finding.path.map(flow) }] }] }),
    partialFingerprints: { 'kleak/v1': finding.fingerprint },
  };
}

const flow = ({ file, line, what, code }: LintStep): unknown => ({
  location: {
    physicalLocation: { ...physical(file, line), region: { startLine: line, snippet: { text: plain(code) } } },
    message: { text: plain(what) },
  },
});

const physical = (
  file: string,
  line: number,
): { artifactLocation: { uri: string }; region: { startLine: number } } => ({
  artifactLocation: { uri: uriOf(file) },
  region: { startLine: Math.max(1, line) },
});

/** A relative path stays relative; each part is spelled as a URI wants it. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodePart).join('/');
  return file.startsWith('/') ? `file://${path}` : path.replace(/^\.\//, '');
}

/** Lone surrogates cannot be encoded; no file name that was read has one. */
const encodePart = (part: string): string => encodeURIComponent(part.toWellFormed());

const plain = (text: string): string => escapeTerminalLines(text);
