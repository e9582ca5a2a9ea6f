import { describe, expect, it } from 'vitest';
import { answer, serveRequests } from '../../../testkit/query-api.ts';
import { QueryClient, TooMuch } from './query-client.ts';

const RANGE = { start: 0, end: 100, step: 10 };

describe('a client of the query API', () => {
  it('asks by POST, with its token, and counts what it asked for', async () => {
    let authorization: string | undefined;
    await using server = await serveRequests((_, response, request) => {
      authorization = request.headers.authorization;
      answer(response, [{ metric: { instance: 'a' }, values: [[0, '1']] }]);
    });
    const client = new QueryClient(server.url, { token: 's3cret' });
    const series = await client.range('up', RANGE);
    expect(series).toHaveLength(1);
    expect(authorization).toBe('Bearer s3cret');
    expect(server.asked[0]?.get('query')).toBe('up');
    expect(client.load).toMatchObject({ queries: 1, samples: 1 });
  });

  it('asks everything with what the address asks for, such as a filter of the server', async () => {
    let asked: string | undefined;
    await using server = await serveRequests((_, response, request) => {
      asked = request.url;
      answer(response, []);
    });
    await new QueryClient(`${server.url}/prometheus/?extra_label=env=prod`).instant('up');
    expect(asked).toBe('/prometheus/api/v1/query?extra_label=env=prod');
  });

  it.each([
    ['an address without a server', 'http://127.0.0.1:1', /cannot be reached.*check address and port/],
    ['something that is no address', 'prometheus', /not the address of a metrics server/],
    ['another protocol', 'file:///etc/passwd', /not the address of a metrics server/],
  ])('refuses %s in one line', async (_, address, problem) => {
    await expect(async () => new QueryClient(address).instant('up')).rejects.toThrow(problem);
  });

  it.each([
    [401, /wants to know who asks; give --token-file/],
    [404, /no query API at \/api\/v1 there/],
  ])('says what a status of %i means', async (status, problem) => {
    await using server = await serveRequests((_, response) => response.writeHead(status).end('no'));
    await expect(new QueryClient(server.url).instant('up')).rejects.toThrow(problem);
  });

  it('asks a busy server again, later', async () => {
    let times = 0;
    await using server = await serveRequests((_, response) => {
      if (++times === 1) response.writeHead(503).end();
      else answer(response, []);
    });
    await expect(new QueryClient(server.url).instant('up')).resolves.toEqual([]);
    expect(times).toBe(2);
  });

  it('does not wait for ever', async () => {
    await using server = await serveRequests(() => undefined);
    const client = new QueryClient(server.url, { timeLimit: 100 });
    await expect(client.instant('up')).rejects.toThrow(/no answer within 0\.1 s/);
  });

  it('tells a query that is too large from one that is wrong', async () => {
    const words = ['query processing would load too many samples into memory', 'parse error'];
    await using server = await serveRequests((_, response) =>
      response.end(JSON.stringify({ status: 'error', error: words.shift() })),
    );
    const client = new QueryClient(server.url);
    await expect(client.instant('up')).rejects.toThrow(TooMuch);
    await expect(client.instant('up')).rejects.toThrow(/refused a query: parse error/);
  });

  it('keeps what is secret in an address to itself', () => {
    expect(new QueryClient('http://user:pass@127.0.0.1:9090/prom/').address).toBe('http://127.0.0.1:9090/prom');
  });
});
