import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../base/errors.ts';
import { parseQueryAnswer } from './matrix.ts';

/** As Prometheus 2.42 answered `up` of a host and a value that is no number. */
const MATRIX =
  '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","instance":"a:9100"},"values":[[1700000000,"1"],[1700021600.5,"NaN"]]}]}}';
const VECTOR =
  '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000.123,"+Inf"]}]},"warnings":["slow store"]}';

describe('answers of the query API', () => {
  it('become series with their labels, times and values', () => {
    const answer = parseQueryAnswer(MATRIX, 'http://m');
    expect(answer.kind === 'series' && answer.series).toEqual([
      {
        labels: new Map([
          ['__name__', 'up'],
          ['instance', 'a:9100'],
        ]),
        times: Float64Array.of(1_700_000_000, 1_700_021_600.5),
        values: Float64Array.of(1, Number.NaN),
      },
    ]);
  });

  it('of one moment are series of one sample; what is no number is not taken for one', () => {
    const answer = parseQueryAnswer(VECTOR, 'http://m');
    expect(answer.kind === 'series' && answer.series[0]?.values).toEqual(Float64Array.of(Number.NaN));
    expect(answer.kind === 'series' && answer.warnings).toEqual(['slow store']);
  });

  it('that refuse keep the words of the server', () => {
    const refused = '{"status":"error","errorType":"bad_data","error":"query processing would load too many samples"}';
    expect(parseQueryAnswer(refused, 'http://m')).toEqual({
      kind: 'refused',
      reason: 'query processing would load too many samples',
    });
  });

  it.each([
    ['a log-in page', '<html><body>log in</body></html>', /a web page/],
    ['JSON of something else', '{"message":"hello"}', /no answer of the query API/],
    ['nothing', '', /cut or no JSON/],
    ['a success without a result', '{"status":"success","data":{}}', /without a result/],
  ])('%s is no answer', (_, text, problem) => {
    expect(() => parseQueryAnswer(text, 'http://m')).toThrow(problem);
  });

  it('cut at any byte are refused, never half taken', () => {
    for (let end = 0; end < MATRIX.length; end++)
      expect(() => parseQueryAnswer(MATRIX.slice(0, end), 'http://m')).toThrow(FormatError);
  });

  it('with nonsense inside lose that and nothing else', () => {
    const odd =
      '{"status":"success","data":{"result":[7,null,{"metric":3},{"metric":{"a":1},"values":"x"},{"metric":{"a":"b"},"values":[[1,"2"],["x"],null]}]}}';
    const answer = parseQueryAnswer(odd, 'http://m');
    expect(answer.kind === 'series' && answer.series.map(({ values }) => [...values])).toEqual([
      [2, Number.NaN, Number.NaN],
    ]);
  });

  it('with any labels and samples are read as JSON says, however they are spaced', () => {
    const label = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"values":[[1,"2"]]', '\\"values":[[1,"2"]]'),
    );
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const value = fc.oneof(number.map(String), fc.constantFrom('NaN', '+Inf', '-Inf', '1e+10', '', '007'));
    const series = fc.record({
      metric: fc.dictionary(label, label),
      values: fc.array(fc.tuple(number, value), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(series), fc.constantFrom(undefined, 1), (result, indent) => {
        const text = JSON.stringify({ status: 'success', data: { result } }, undefined, indent);
        const answer = parseQueryAnswer(text, 'http://m');
        const read = answer.kind === 'series' ? answer.series : [];
        expect(read.map(({ labels }) => [...labels])).toEqual(result.map(({ metric }) => Object.entries(metric)));
        expect(read.map(({ times }) => [...times])).toEqual(result.map(({ values }) => values.map(([at]) => zero(at))));
        expect(read.map(({ values }) => [...values])).toEqual(
          result.map(({ values }) => values.map(([, said]) => finite(said))),
        );
      }),
    );
  });

  it('of many samples are whole, wherever a series ends', () => {
    const lengths = [20_000, 20_000, 1, 100_000, 3];
    const result = lengths.map((length, which) => ({
      metric: {},
      values: Array.from({ length }, (_, i) => [i, String(which + i)]),
    }));
    const answer = parseQueryAnswer(JSON.stringify({ status: 'success', data: { result } }), 'http://m');
    const read = answer.kind === 'series' ? answer.series : [];
    expect(read.map(({ times }) => times.length)).toEqual(lengths);
    expect(read.every(({ values }, which) => values.every((value, i) => value === which + i))).toBe(true);
  });

  it('that are one beginning after the other are given up in time', () => {
    for (const part of ['"values":[[', '"values":[[1,"', '"values":[[1,"2"],', '[1,"2"],'])
      expect(() => parseQueryAnswer(part.repeat(300_000), 'http://m')).toThrow(FormatError);
  });
});

/** JSON has no minus zero. */
const zero = (n: number): number => (n === 0 ? 0 : n);
const finite = (said: string): number => (said !== '' && Number.isFinite(Number(said)) ? Number(said) : Number.NaN);
