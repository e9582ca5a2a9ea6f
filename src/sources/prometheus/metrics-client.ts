import { InputError } from '../input-error.ts';

export interface MetricsClientOptions {
  /** Milliseconds for all of the answer. */
  readonly timeLimit: number;
  /** Bytes. */
  readonly most: number;
  readonly signal?: AbortSignal;
}

/**
 * What an exporter says at its address, as text. Throws InputError where it does not answer in time, with another status, or with
 * too much; the signal's reason where that was aborted.
 */
export async function readMetrics(url: string, { timeLimit, most, signal }: MetricsClientOptions): Promise<string> {
  const late = AbortSignal.timeout(timeLimit);
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/plain;version=0.0.4' },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new InputError(url, `answers with ${response.status}`, 'give the address of kleak export, with /metrics');
    }
    return await textOf(response, url, most);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof InputError) throw cause;
    if (late.aborted)
      throw new InputError(url, `no answer within ${timeLimit / 1000} s`, 'check that kleak export runs there', {
        cause,
      });
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const why = inner instanceof Error ? ('code' in inner ? String(inner.code) : inner.message) : String(inner);
    throw new InputError(url, `cannot be reached: ${why}`, 'check that kleak export runs there', { cause });
  }
}

async function textOf(response: Response, url: string, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw new InputError(url, `an answer above ${most} bytes`, 'give the address of kleak export');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
