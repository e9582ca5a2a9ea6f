/**
 * Holds kleak against dumps whose truth is known: those of the corpus, and those of guests that generate.py made from a seed.
 * `npm run evaluate` prints the table and writes docs/evaluation.md.
 *
 * KLEAK_CORPUS is the corpus, KLEAK_DUMPS the folder that its unpack.sh filled, LAB_WORK the lab's (its evaluate/out holds the
 * guests). Arguments choose guests by parts of their names; then nothing is written.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../testkit/manifest.ts';
import { corpusGuests, generatedGuests } from './guests.ts';
import { measureGuest, type Measured } from './measure-guest.ts';
import { renderEvaluation } from './render-evaluation.ts';
import { timeCrash } from './time-crash.ts';
import { timeHalfGiga, timeLarge, timeSweep } from './time-large.ts';

const { env } = process;
const lab = env['LAB_WORK'] ?? join(tmpdir(), 'kleak-lab');
const corpus = env['KLEAK_CORPUS'] ?? join(ROOT, '../shared/corpus');
const guests = [
  ...corpusGuests(corpus, env['KLEAK_DUMPS'] ?? join(tmpdir(), 'corpus')),
  ...generatedGuests(join(lab, 'evaluate/out')),
];
const wanted = process.argv.slice(2);
const chosen = guests.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

const measured: Measured[] = [];
for (const guest of chosen) {
  try {
    const result = await measureGuest(guest);
    measured.push(result);
    process.stderr.write(`${guest.name}: ${result.first?.said ?? result.verdict}\n`);
  } catch (cause) {
    process.stderr.write(`${guest.name}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}
const page = renderEvaluation(measured, {
  crash: timeCrash(lab, measured),
  halfGiga: wanted.length === 0 ? await timeHalfGiga(lab) : [],
  large: timeLarge(measured),
  sweep: timeSweep(measured),
});
process.stdout.write(page);
if (wanted.length === 0) writeFileSync(join(ROOT, 'docs/evaluation.md'), page);
