import type { SSEStreamingApi } from 'hono/streaming';
import { htmlSource } from '../report/html-markup.ts';
import { workFigures, workSaid, type Work } from '../report/web/work.ts';

/** Milliseconds from one look to the next. */
const EVERY = 300;

/**
 * Tells a page of work until that ends. `look` gives how it is, or the address of the page to go to. What is read aloud is sent
 * when it changes alone.
 */
export async function tellWork(stream: SSEStreamingApi, look: () => Work | string): Promise<void> {
  let [told, said] = ['', ''];
  const send = (data: object): Promise<void> => stream.writeSSE({ event: 'changed', data: JSON.stringify(data) });
  while (!stream.aborted) {
    const work = look();
    if (typeof work === 'string') {
      await send({ go: work });
      return;
    }
    const [figures, words] = [htmlSource(workFigures(work)), htmlSource(workSaid(work))];
    if (figures !== told) await send({ id: 'job', html: figures });
    if (words !== said) await send({ id: 'job-said', html: words });
    [told, said] = [figures, words];
    await stream.sleep(EVERY);
  }
}
