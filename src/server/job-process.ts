import { diagnose } from '../pipeline/diagnose.ts';
import { DumpRoom } from '../pipeline/dump/packed-dump.ts';
import { spellBytes } from '../report/amounts.ts';
import type { JobOrder, JobWord } from './jobs.ts';

/** The process of one job: an order comes in, words about it go out, and it ends. */
process.once('message', (order: JobOrder) => void work(order));

async function work({ paths, unpack, symbols }: JobOrder): Promise<void> {
  let told = 0;
  let dump: string | undefined;
  try {
    const diagnosis = await diagnose(paths, {
      symbols,
      unpack: new DumpRoom(unpack),
      opened: ({ file }) => (dump = file),
      progress: ({ name, bytes, totalBytes }) => {
        if (Date.now() - told < 250) return;
        told = Date.now();
        const of = totalBytes === undefined ? '' : ` of ${spellBytes(totalBytes)}`;
        const share = totalBytes === undefined || totalBytes === 0 ? {} : { share: Math.min(1, bytes / totalBytes) };
        say({
          kind: 'progress',
          doing: 'reading',
          detail: `${name === '' ? '' : `${name}: `}${spellBytes(bytes)}${of}`,
          ...share,
        });
      },
      doing: (doing) => say({ kind: 'progress', doing }),
    });
    say({ kind: 'done', body: JSON.stringify(diagnosis), ...(dump === undefined ? {} : { dump }) });
  } catch (cause) {
    say({ kind: 'failed', problem: cause instanceof Error ? cause.message : String(cause) });
  }
}

function say(word: JobWord): void {
  process.send?.(word, undefined, undefined, () => {
    if (word.kind !== 'progress') process.disconnect();
  });
}
