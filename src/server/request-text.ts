import type { Context } from 'hono';

/** Milliseconds for all of a text: who sends a byte now and then holds a connection no longer. */
const PATIENCE = 20_000;

/** Undefined where it is longer than `most` bytes, or does not come in time: what is too much is not read. */
export async function limitedText(c: Context, most: number, patience: number = PATIENCE): Promise<string | undefined> {
  const reader = c.req.raw.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, patience, 'late' as const);
  });
  try {
    for (;;) {
      const next = await Promise.race([reader?.read(), late]);
      if (next === 'late') break;
      if (!next || next.done) return Buffer.concat(parts).toString('utf8');
      size += next.value.byteLength;
      if (size > most) break;
      parts.push(next.value);
    }
  } catch {
    // Cut off: nobody hears the answer.
  } finally {
    clearTimeout(timer);
    reader?.releaseLock();
  }
  return undefined;
}
