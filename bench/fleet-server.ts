/**
 * `kleak fleet` against a real metrics server that holds a made-up fleet with known truth:
 * `node bench/fleet-server.ts [HOSTS [STEP [victoria|prometheus [SEED]]]]`, 10,000 hosts, 30 days, a sample every 21,600 s. Prints what
 * filling took, what kleak took of wall, CPU and memory, how much of that it waited for the server, and whether it found what was made.
 * The server is Debian's package, on loopback, with its own defaults. Figures: docs/fleet.md.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FleetGrid } from '../src/model/fleet.ts';
import { kleakMetrics, openMetrics, stockMetrics, type MetricSeries } from '../testkit/fleet-metrics.ts';
import { makeFleet, type MadeFleet, type MadeHost } from '../testkit/fleet-simulator.ts';
import { startPrometheus, startVictoria, type MetricsServer } from '../testkit/metrics-server.ts';
import { thisMachine } from './built.ts';

const [hosts = 10_000, step = 21_600] = process.argv.slice(2, 4).map(Number);
const kind = process.argv[4] ?? 'victoria';
const seed = Number(process.argv[5] ?? 20_261_126);
const MIB = 2 ** 20;
/** Hosts whose series are sent to the server at once. */
const PART = step < 3600 ? 10 : 200;
/** At its exit kleak says what it took: user and system time, and the most memory. */
const PRELOAD = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const peak = /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1];
  process.stderr.write('took=' + (user + system) / 1e6 + ' peak=' + peak + '\\n');
});`;
/** What the simulator calls an attribute, and kleak. */
const NAMES: Readonly<Record<string, string>> = { driver_i40e: 'driver i40e', package_agent: 'package agent' };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const seriesOf = ({ host }: MadeHost, grid: FleetGrid): readonly MetricSeries[] => [
  ...stockMetrics(host, grid),
  ...kleakMetrics(host, grid),
];

/** JSON lines of VictoriaMetrics' import: a series each. */
function importLine({ name, labels, values }: MetricSeries, { start, step: between }: FleetGrid): string {
  const [kept, times]: [number[], number[]] = [[], []];
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    kept.push(value);
    times.push((start + i * between) * 1000);
  }
  if (kept.length === 0) return '';
  return `${JSON.stringify({ metric: { __name__: name, ...labels }, values: kept, timestamps: times })}\n`;
}

async function fillVictoria(fleet: MadeFleet, grid: FleetGrid, made: (host: MadeHost) => void): Promise<MetricsServer> {
  const server = await startVictoria([]);
  let lines: string[] = [];
  let waiting = 0;
  const send = async (): Promise<void> => {
    const answer = await fetch(`${server.url}/api/v1/import`, { method: 'POST', body: lines.join('') });
    if (!answer.ok) throw new Error(`import: ${answer.status} ${await answer.text()}`);
    lines = [];
    waiting = 0;
  };
  for (const host of fleet.hosts()) {
    made(host);
    for (const series of seriesOf(host, grid)) lines.push(importLine(series, grid));
    if (++waiting === PART) await send();
  }
  await send();
  await fetch(`${server.url}/internal/force_flush`);
  return server;
}

async function fillPrometheus(
  fleet: MadeFleet,
  grid: FleetGrid,
  made: (host: MadeHost) => void,
): Promise<MetricsServer> {
  const all: MetricSeries[] = [];
  for (const host of fleet.hosts()) {
    made(host);
    all.push(...seriesOf(host, grid));
  }
  return startPrometheus(openMetrics(all, grid));
}

interface Asked {
  readonly document: unknown;
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

async function askKleak(url: string): Promise<Asked> {
  const started = performance.now();
  const args = [
    '--max-semi-space-size=8',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, '../src/cli/main.ts'),
  ];
  const child = spawn(process.execPath, [...args, 'fleet', '--metrics', url, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await new Promise((resolve) => child.once('close', resolve));
  const [, cpu, peak] = /took=([\d.]+) peak=(\d+)/.exec(err) ?? [];
  if (out === '') throw new Error(`kleak fleet said nothing: ${err.slice(0, 1000)}`);
  const document: unknown = JSON.parse(out);
  return { document, wall: (performance.now() - started) / 1000, cpu: Number(cpu), peak: Number(peak) * 1024 };
}

/** A member of a member of a document, whatever that is. */
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (one, name) => (typeof one === 'object' && one !== null ? new Map(Object.entries(one)).get(name) : undefined),
    value,
  );
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const fleet = makeFleet({ seed, hosts, days: 30, step, cause: 'single' });
const end = Math.floor(Date.now() / 1000 / step) * step;
const grid = { ...fleet.grid, start: end - step * (fleet.grid.count - 1) };
const truth = new Map<string, MadeHost['leaks']>();
const started = performance.now();
const fill = kind === 'prometheus' ? fillPrometheus : fillVictoria;
await using server = await fill(fleet, grid, ({ host, leaks }) => truth.set(host.name, leaks));
const filled = (performance.now() - started) / 1000;
const { document, wall, cpu, peak } = await askKleak(server.url);

const named = list(at(document, 'leaking')).map((leak) => String(at(leak, 'host')));
const count = (leaks: MadeHost['leaks'], among: readonly string[]): number =>
  among.filter((name) => truth.get(name) === leaks).length;
const everyone = [...truth.keys()];
const load = (name: string): number => Number(at(document, 'load', name));
const found = list(at(document, 'association', 'attributes'))
  .map(String)
  .toSorted()
  .join(' + ');
const wanted = fleet.truth.map((name) => NAMES[name] ?? name).join(' + ');
say(`${thisMachine()}; ${kind}`);
say(`${hosts} hosts, 30 days, a sample every ${step} s; making and filling took ${filled.toFixed(0)} s`);
say(
  `kleak fleet: ${wall.toFixed(1)} s, of them ${load('seconds').toFixed(1)} s until answers were there and read; CPU ${cpu.toFixed(1)} s (${((1000 * cpu) / hosts).toFixed(2)} ms a host), most memory ${(peak / MIB).toFixed(0)} MiB`,
);
say(`asked ${load('queries')} queries for ${load('samples')} samples, ${(load('bytes') / MIB).toFixed(0)} MiB`);
say(
  `found ${count('yes', named)} of ${count('yes', everyone)} that leak; called leaking wrongly ${count('no', named)} of ${count('no', everyone)}`,
);
say(`first: ${String(at(document, 'association', 'label'))}; ${found === wanted ? 'right' : `wrong, it is ${wanted}`}`);
