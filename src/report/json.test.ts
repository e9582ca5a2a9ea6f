import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../testkit/hostile-text.ts';
import { pageAllocatorGrowth, sampleDiagnoses, slabLeak, withTexts } from '../../testkit/sample-diagnosis.ts';
import { jsonDiagnosis, renderJson } from './json.ts';

const VERDICTS = ['leak', 'growth', 'not-a-leak', 'inconclusive'];
const LAYERS =
  'user page-cache shmem slab-reclaimable slab-unreclaimable vmalloc percpu page-tables kernel-stack hugetlb page-allocator balloon none';
const OWNERS = ['module', 'process', 'driver', 'program', 'subsystem'];

/** What is wrong with a value, as places in the document; nothing where it is as it should be. */
type Check = (value: unknown, path: string) => readonly string[];

const holds = (good: boolean, path: string): readonly string[] => (good ? [] : [path]);
const text: Check = (value, path) => holds(typeof value === 'string', path);
const number: Check = (value, path) => holds(Number.isFinite(value), path);
const digits: Check = (value, path) => holds(typeof value === 'string' && /^[0-9a-f]{16}$/.test(value), path);
const oneOf =
  (allowed: readonly string[]): Check =>
  (value, path) =>
    holds(typeof value === 'string' && allowed.includes(value), path);
const listOf =
  (check: Check, least = 0): Check =>
  (value, path) =>
    Array.isArray(value) && value.length >= least
      ? value.flatMap((one: unknown, i) => check(one, `${path}[${i}]`))
      : [path];
/** Fields by name; those with a question mark may be absent, none may be null. Others are additions, which are allowed. */
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return [path];
    const found = new Map(Object.entries(value));
    return Object.entries(fields).flatMap(([key, check]) => {
      const name = key.replace('?', '');
      return found.has(name) || !key.endsWith('?') ? check(found.get(name), `${path}.${name}`) : [];
    });
  };

const rate = shape({ bytesPerHour: number, 'low?': number, 'high?': number, 'exhaustion?': text });
const place = shape({ file: text, 'line?': number, 'address?': digits });
const finding = shape({
  id: text,
  title: text,
  verdict: oneOf(VERDICTS),
  layer: oneOf(LAYERS.split(' ')),
  confidence: number,
  'bytes?': number,
  'objects?': number,
  'rate?': rate,
  'subject?': shape({ 'cache?': text, 'aliases?': listOf(text), 'type?': text, 'function?': text, 'callSite?': text }),
  'owner?': shape({ kind: oneOf(OWNERS), name: text, 'function?': text }),
  'knownIssue?': shape({ id: text, 'fixedIn?': text, references: listOf(text) }),
  evidence: listOf(shape({ text, source: place }), 1),
  next: listOf(shape({ command: text, why: text, risk: oneOf(['none', 'low', 'high']) })),
});
const contract = shape({
  schema: oneOf(['kleak.diagnosis/1']),
  verdict: oneOf(VERDICTS),
  layer: oneOf(LAYERS.split(' ')),
  summary: text,
  'rate?': rate,
  'accounting?': shape({
    totalBytes: number,
    buckets: listOf(shape({ name: text, bytes: number, from: text })),
    'unaccountedBytes?': number,
  }),
  findings: listOf(finding),
  unread: listOf(shape({ what: text, why: text })),
  inputs: listOf(shape({ kind: text, file: text })),
});

describe('renderJson', () => {
  it.each(sampleDiagnoses)('has the fields of the contract: $verdict', (diagnosis) => {
    expect(contract(JSON.parse(renderJson(diagnosis)), '$')).toEqual([]);
  });

  it('is told apart from what the contract does not allow', () => {
    const wrong: unknown = { ...JSON.parse(renderJson(slabLeak)), verdict: 'maybe', inputs: [{ kind: 1 }] };
    expect(contract(wrong, '$')).toEqual(['$.verdict', '$.inputs[0].kind', '$.inputs[0].file']);
  });

  it('is one document with one line end at its end', () => {
    for (const diagnosis of sampleDiagnoses) expect(renderJson(diagnosis)).toMatch(/^\{[^]*\}\n$/);
  });

  it('leaves out what is missing, and has no null anywhere', () => {
    for (const diagnosis of sampleDiagnoses) expect(renderJson(diagnosis)).not.toContain('null');
  });

  it('gives a line as file and line', () => {
    const { findings } = jsonDiagnosis(slabLeak);
    expect(findings[0]?.evidence[0]?.source).toEqual({ file: 'field/kmemleak.txt', line: 7 });
  });

  it('gives a place in a dump as 16 hex digits', () => {
    const { findings } = jsonDiagnosis(slabLeak);
    expect(findings[0]?.evidence[2]?.source).toEqual({
      file: 'field/vmcore',
      address: '0000000102a4c000',
      offset: 0x102a4c000,
      length: 16,
    });
  });

  it('gives what was computed by its first line, and all lines in sources', () => {
    const { findings } = jsonDiagnosis(pageAllocatorGrowth);
    const source = findings[0]?.evidence[0]?.source;
    expect(source).toMatchObject({ file: 'captures/node7/meminfo', line: 1, by: 'accounting' });
    expect(source?.sources).toHaveLength(44);
    expect(source?.sources?.[43]).toEqual({ file: 'captures/node7/meminfo', line: 44 });
  });

  it('leaves out numbers that are none', () => {
    const broken = { ...slabLeak, rate: { bytesPerHour: 1, hoursLeft: Infinity }, confidence: Number.NaN };
    const parsed: unknown = JSON.parse(renderJson(broken));
    expect(parsed).not.toHaveProperty('confidence');
    expect(parsed).toHaveProperty('rate', { bytesPerHour: 1 });
  });

  it('carries any text unchanged, spelled so that a terminal does nothing', () => {
    fc.assert(
      fc.property(hostileText, (hostile) => {
        const written = renderJson(withTexts(slabLeak, () => hostile));
        expect(written.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(written)).toHaveProperty('summary', hostile);
      }),
    );
  });
});
