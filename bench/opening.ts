/** What each step of `kleak core slabs` costs: `node bench/opening.ts DUMP` prints JSON, milliseconds by step. */
import { openPages } from '../src/model/kernel/open-heap.ts';
import { CoreSession } from '../src/pipeline/core/session.ts';
import { coreSlabs } from '../src/pipeline/core/slabs.ts';
import { renderCoreSlabs } from '../src/report/core/slabs-text.ts';
import { openSteps, timed, type StepTimes } from './open-steps.ts';

const [path = ''] = process.argv.slice(2);
const times: StepTimes = new Map();
const { dump, kernel } = openSteps(path, times);
timed(times, 'memory map and slabs (census)', () => openPages(kernel));
dump.close();
const session = CoreSession.open(path);
void session.pages;
const slabs = timed(times, 'count and name', () => coreSlabs(session));
timed(times, 'write the table', () => renderCoreSlabs(slabs));
session.close();
process.stdout.write(`${JSON.stringify(Object.fromEntries(times))}\n`);
